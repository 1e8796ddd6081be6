"""A connection is kept, or its end is announced: never ended behind a client's back."""

import json

import pytest

from raw_http import Connection, chunk, chunked, head, post
from wire_client import Wire

HOME = "/api/activities/home"
MESSAGES = "/api/messages"
MESSAGE = {"message": "hi", "user_receiver_handle": "worf"}


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (head("GET", HOME), 200),
        (head("HEAD", HOME), 200),
        (head("OPTIONS", HOME), 200),
        (head("GET", "/api/nowhere"), 404),
        (head("DELETE", HOME), 405),
        (post(MESSAGES, MESSAGE), 200),
        (post(MESSAGES, {}), 422),
        (post(MESSAGES, b"{"), 400),
        (post(MESSAGES, b"x" * 60_000, content_type="text/plain"), 415),
        (post("/api/nowhere", b"x" * 60_000), 404),
        (head("GET", HOME, "Content-Length: 60000") + b"x" * 60_000, 200),
        (head("GET", "/api/wire/failing-view"), 500),
        (head("GET", "/api/openapi.json", "If-None-Match: *"), 304),
    ],
)
def test_a_connection_is_kept(wire: Wire, request_: bytes, status: int) -> None:
    """Whatever the answer, and whether or not the body was read, the next request is answered by the same one."""
    with Connection(wire.server.url) as connection:
        answer = connection.ask(request_)
        assert (answer.status, answer.headers["Connection"]) == (status, "keep-alive")
        assert connection.ask(head("GET", HOME)).status == 200


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (post(MESSAGES, b" " * 65_537), 413),
        (post(MESSAGES, b" " * 10_000_000), 413),
        (post("/api/nowhere", b" " * 10_000_000), 413),
        (post(MESSAGES, b"x" * 65_536, content_type="text/plain"), 415),
        (chunked(MESSAGES, chunk(b" " * 100_000) * 100 + chunk(b"")), 413),
        (chunked(MESSAGES, chunk(json.dumps(MESSAGE).encode()) + chunk(b"")), 200),
        (chunked(MESSAGES, b"no chunk\r\n"), 400),
        (chunked("/api/nowhere", chunk(b" " * 50_000) + chunk(b"")), 404),
        (head("GET", HOME, "Connection: close"), 200),
        (head("GET", HOME, version="HTTP/1.0"), 200),
    ],
)
def test_the_end_of_a_connection_is_announced(wire: Wire, request_: bytes, status: int) -> None:
    """Where a client asks for it, or what it sends may be too long to be read. It has sent all when it is answered."""
    with Connection(wire.server.url) as connection:
        answer = connection.ask(request_)
        assert (answer.status, answer.headers["Connection"]) == (status, "close")
        assert connection.is_closed_by_server()


def test_a_body_that_waits_for_leave(wire: Wire) -> None:
    """Gets it, and is then read."""
    body = json.dumps(MESSAGE).encode()
    headers = ["Content-Type: application/json", f"Content-Length: {len(body)}", "Expect: 100-continue"]
    with Connection(wire.server.url) as connection:
        # http.client reads past the 100 to the answer itself.
        assert connection.ask(head("POST", MESSAGES, *headers) + body).status == 200
