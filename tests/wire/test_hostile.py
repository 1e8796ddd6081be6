"""Texts that should break a terminal, a parser or a limit: each line stays one line, and everything arrives."""

import json
import re
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests

from gunicorn_server import GunicornServer
from hostile_texts import HOSTILE, PATHS
from loopback import DATAGRAM
from receivers import VendorResponse
from vendors import Request, Vendors
from waiting import wait_until
from wire_client import Wire, only

GUNICORNS = re.compile(r"\[\d{4}-\d\d-\d\d [\d:]+ [+-]\d{4}\] \[\d+\] \[[A-Z]+\] ")


@pytest.fixture(scope="module")
def datagrams() -> list[int]:
    """Return the length of each datagram in bytes."""
    return []


@pytest.fixture(scope="module")
def hostile(datagrams: list[int]) -> Iterator[Wire]:
    """After each test, all lines are valid. At the end, every span, segment, line and item was accepted."""

    def measure(request: Request) -> VendorResponse | None:
        if request.path == DATAGRAM:
            datagrams.append(len(request.body))
        return None

    with Vendors() as vendors:
        vendors.behaviour["xray"] = measure
        with (
            GunicornServer(vendors.environ(), app="wire_app:create_quick_app()") as server,
            requests.Session() as session,
        ):
            yield Wire(vendors, server, session)
            health = session.get(f"{server.url}/api/health", timeout=10).json()["vendors"]
        assert [(report["dropped"], report["failed"]) for report in health.values()] == [(0, 0)] * 4
        assert [refusal for refusal in vendors.refused if not refusal.reason.startswith("Resource")] == []


def assert_sound(wire: Wire, datagrams: list[int]) -> None:
    """The output is lines of JSON and gunicorn's own, without control characters, and no datagram is too long."""
    for line in wire.server.log.split("\n"):
        assert line.isprintable()
        if line and not GUNICORNS.match(line):
            assert json.loads(line, parse_constant=pytest.fail)["level"]  # NaN and Infinity are not JSON
    assert max(datagrams) < 64_000 < 64 * 1024


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("times", [1, 150_000], ids=["short", "a-megabyte"])
def test_in_all_texts_of_a_view(hostile: Wire, datagrams: list[int], text: str, times: int) -> None:
    """Hostile texts arrive in a line, its fields, an exception and its cause, a message, an attribute, an annotation
    and metadata.
    """
    seen = hostile.see("POST", "/api/wire/reporting-all", json={"text": text, "times": times}, items=2)

    assert seen.response.status_code == 500
    assert [line["event"].partition(" ")[0] for line in seen.lines] == ["reported", "request_served"]
    assert seen.access_line["exception"].startswith("ValueError")
    assert len(seen.server_span["events"]) == len(seen.documents) == 1
    assert_sound(hostile, datagrams)


def test_over_the_limits_of_a_line_and_an_item(hostile: Wire, datagrams: list[int]) -> None:
    """A line and an item over the limits keep their text's beginning and their ids."""
    seen = hostile.see("GET", "/api/wire/reporting-much", items=1)

    line = only([line for line in seen.lines if line["event"] == "reported_much"])
    assert line.keys() == {"time", "level", "logger", "event", "trace_id", "xray_trace_id", "span_id", "user_id"}
    assert only(seen.items)["body"]["message"]["body"] == "reported_much"
    assert_sound(hostile, datagrams)


@pytest.mark.parametrize("path", PATHS)
def test_in_a_path(hostile: Wire, datagrams: list[int], path: str) -> None:
    """A hostile path is in no span, segment or line, except for the letters at the start of its first part."""
    seen = hostile.see("GET", path, headers={"User-Agent": "a browser"})

    sent = json.dumps([seen.spans, seen.documents, seen.lines])
    assert not re.search(r"\\[rn]|\\u001b|\\u202e|forged|%0A", sent)
    assert_sound(hostile, datagrams)


@pytest.mark.parametrize(
    "name", ["User-Agent", "X-Forwarded-For", "Host", "Referer", "X-Request-Id", "Cookie", "Origin"]
)
@pytest.mark.parametrize(
    "value", [b"\xe2\x80\xae\xc2\x9b31m\x85", b"\xff" * 8_000, b"<script>'\"\\", b"a\tb", b"%0a%00%1b"], ids=repr
)
def test_in_a_header(hostile: Wire, datagrams: list[int], name: str, value: bytes) -> None:
    """Hostile headers that gunicorn accepts do no harm."""
    seen = hostile.see("GET", "/rollbar/test", headers={name: value[:8_000]}, items=1)

    assert seen.response.status_code == 200
    assert_sound(hostile, datagrams)


def response_to(wire: Wire, request: bytes) -> bytes:
    """Return the first line of gunicorn's response."""
    address = urlsplit(wire.server.url)
    with socket.create_connection((str(address.hostname), address.port or 0), 10) as connection:
        reply = b""
        try:
            connection.sendall(request)
            while b"\r\n" not in reply and (more := connection.recv(65_536)):
                reply += more
        except ConnectionError:
            pass  # it closes the connection while the megabyte is being sent
    return reply.partition(b"\r\n")[0]


MEGABYTE = b"a" * 1_000_000
REFUSED = {
    "path": (b"GET /" + MEGABYTE + b" HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 414 URI Too Long"),
    "header": (
        b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: " + MEGABYTE + b"\r\n\r\n",
        b"HTTP/1.1 431 Request Header Fields Too Large",
    ),
    "line-feed": (b"GET /\nb HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
    "NUL": (b"GET /\0b HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
    "ANSI-in-a-method": (b"G\x1b[2J /b HTTP/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
    "bidi-in-a-version": (b"GET /b \xe2\x80\xae/1.1\r\nHost: a\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
    "NUL-in-a-header": (b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: \0\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
    "ANSI-in-a-header": (b"GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: \x1b[2J\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
    "bidi-in-a-name": (b"GET / HTTP/1.1\r\nHost: a\r\n\xe2\x80\xae: a\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"HTTP/1.1 400 Bad Request"),
}


@pytest.mark.parametrize(("request_bytes", "expected"), REFUSED.values(), ids=REFUSED)
def test_what_gunicorn_refuses_itself(
    hostile: Wire, datagrams: list[int], request_bytes: bytes, expected: bytes
) -> None:
    """gunicorn refuses it with one line of its own, and the next request is served."""
    lines = hostile.server.log.count("[WARNING]")
    assert response_to(hostile, request_bytes) == expected
    seen = hostile.see("GET", "/api/activities/home")

    assert seen.response.status_code == 200
    wait_until(lambda: hostile.server.log.count("[WARNING]") > lines, "gunicorn's line")
    assert hostile.server.log.count("[WARNING]") == lines + 1
    assert_sound(hostile, datagrams)


def test_a_body_of_a_megabyte(hostile: Wire, datagrams: list[int]) -> None:
    """The API refuses a body of a megabyte, with an access line."""
    body = b'{"message": "' + MEGABYTE + b'"}'
    seen = hostile.see("POST", "/api/activities", data=body, headers={"Content-Type": "application/json"})

    assert (seen.response.status_code, seen.access_line["status"]) == (413, 413)
    assert_sound(hostile, datagrams)
