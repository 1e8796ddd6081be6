"""Bad input, and the expected response."""

from dataclasses import dataclass

from raw_http import head, post

HOME = "/api/activities/home"
ACTIVITIES = "/api/activities"
MESSAGES = "/api/messages"
ACTIVITY = "/api/activities/68f126b0-1ceb-4a33-88be-d90fa7109eee"
REPLY = f"{ACTIVITY}/reply"


@dataclass(frozen=True)
class Case:
    """A request, and its expected status.

    codes: all codes in the response's `errors`

    by_gunicorn: it is no HTTP, so the API never sees it

    ends: the client closes its side after the request
    """

    name: str
    request: bytes
    status: int
    codes: tuple[str, ...] = ()
    by_gunicorn: bool = False
    ends: bool = False


def get(name: str, path: str, status: int, *codes: str) -> Case:
    return Case(f"GET {name}", head("GET", path), status, codes)


def body(name: str, path: str, content: bytes | object, status: int, *codes: str) -> Case:
    return Case(f"{path.rpartition('/')[2]}: {name}", post(path, content), status, codes)


def not_http(name: str, request: bytes, status: int = 400) -> Case:
    return Case(name, request, status, by_gunicorn=True)
