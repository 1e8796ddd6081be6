"""Send items, one per request, as Rollbar accepts them."""

import requests

from sametrace.core.delivery import Later, Limits, Refused
from sametrace.core.health import VendorHealth
from sametrace.core.http import Session, retry_after
from sametrace.core.sender import Sender

# About 500 items, or one of the longest
LIMITS = Limits(queue_bytes=1_000_000, batch_bytes=1, batch_items=1, seconds=0.1)
RESPONSE_SECONDS = 3  # of the first response


class ItemSender(Sender[bytes]):
    def __init__(self, health: VendorHealth, endpoint: str, access_token: str) -> None:
        super().__init__(health, LIMITS, self._post)
        url = endpoint.rstrip("/") + "/item/"
        self._session = Session(url, RESPONSE_SECONDS)
        self._session.headers.update({"Content-Type": "application/json", "X-Rollbar-Access-Token": access_token})

    def _post(self, items: list[bytes]) -> None:
        response = self._session.post_body(items[0])
        status = response.status_code
        if status == 429 or status >= 500:
            raise Later(f"Rollbar responded {status}", retry_after(response), responded=True)
        if status != 200:
            raise Refused(f"Rollbar responded {status}: {response.text[:200]}")
        if not is_taken(response):
            raise Later(f"Rollbar responded 200 without accepting the item: {response.text[:200]}", responded=True)


def is_taken(response: requests.Response) -> bool:
    """Return whether Rollbar accepted the item.

    A status of 200 is not enough, because a captive portal may have sent it.
    """
    try:
        return bool(response.json()["err"] == 0)
    except (ValueError, TypeError, KeyError):
        return False
