"""The requests that `make load` sends.

Each is in DECK as often as users make it, compared with the others.
"""

import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass

ACTIVITY = "/api/activities/68f126b0-1ceb-4a33-88be-d90fa7109eee"
NOBODYS = "/api/activities/00000000-0000-4000-8000-000000000000"
MESSAGES = ("Cloud is fun!", "Out of prune juice again", "Where do I find the replicator?")
BROWSERS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18 Safari/605",
)
# From backend-flask/mock_data/users.py. The API uses them if MOCK_USERS is yes.
USERS = ("andrewbrown", "worf", "garek")
SLOW_SECONDS = 2.0


class SlowBody:
    """A request body in parts with pauses, as over a slow connection.

    The API's span lasts as long as the body takes.
    """

    PARTS = 4

    def __init__(self, content: bytes) -> None:
        self._content = content

    def __len__(self) -> int:
        return len(self._content)

    def __iter__(self) -> Iterator[bytes]:
        size = -(-len(self._content) // self.PARTS)
        for begin in range(0, len(self._content), size):
            time.sleep(SLOW_SECONDS / self.PARTS)
            yield self._content[begin : begin + size]


@dataclass(frozen=True)
class Card:
    """A request.

    fields: its body. A dict is sent as JSON, and a string as it is.
    """

    method: str
    path: str
    fields: dict[str, str] | str | None = None
    slow: bool = False

    def headers(self) -> dict[str, str]:
        headers = {"User-Agent": random.choice(BROWSERS), "X-Mock-User": random.choice(USERS)}
        return headers if self.fields is None else headers | {"Content-Type": "application/json"}

    def body(self) -> bytes | SlowBody | None:
        if self.fields is None or isinstance(self.fields, str):
            return self.fields.encode() if self.fields else None
        written = {name: random.choice(MESSAGES) if value == "*" else value for name, value in self.fields.items()}
        content = json.dumps(written).encode()
        return SlowBody(content) if self.slow else content


OFTEN = [
    Card("GET", "/api/activities/home"),
    Card("GET", "/api/activities/home"),
    Card("GET", "/api/activities/home"),
    Card("GET", "/api/activities/notifications"),
    Card("GET", "/api/activities/@andrewbrown"),
    Card("GET", "/api/activities/@worf"),
    Card("GET", "/api/activities/search?term=cloud"),
    Card("GET", ACTIVITY),
    Card("GET", "/api/message_groups"),
    Card("GET", "/api/messages/@worf"),
    Card("POST", "/api/activities", {"message": "*", "ttl": "7-days"}),
    Card("POST", f"{ACTIVITY}/reply", {"message": "*"}),
    Card("POST", "/api/messages", {"message": "*", "user_receiver_handle": "worf"}),
]
SELDOM = [
    Card("GET", "/api/docs"),
    Card("GET", "/api/docs/swagger-ui.css"),
    Card("GET", "/api/openapi.json"),
    Card("GET", "/api/health"),
    Card("GET", "/rollbar/test"),
    Card("POST", "/api/activities", {"message": "*", "ttl": "1-hour"}, slow=True),
]
MISTAKES = [
    Card("GET", NOBODYS),
    Card("GET", "/api/activities/search?term="),
    Card("GET", "/api/activities/@"),
    Card("GET", "/api/messages/@"),
    Card("POST", "/api/activities", {"message": "", "ttl": "forever"}),
    Card("POST", "/api/activities", "not JSON"),
    Card("DELETE", "/api/activities/home"),
]
DECK = OFTEN * 3 + SELDOM + MISTAKES
