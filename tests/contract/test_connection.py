"""The server keeps a connection, or announces that it closes it."""

import json
import socket
import struct
from pathlib import Path

import pytest

from raw_http import Connection, chunk, chunked, head, post
from wire_client import Record, Wire, only

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
    """The next request uses the same connection, whatever the response was, and whether its body was read or not."""
    with Connection(wire.server.url) as connection:
        response = connection.exchange(request_)
        assert (response.status, response.headers["Connection"]) == (status, "keep-alive")
        assert connection.exchange(head("GET", HOME)).status == 200


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
    """The server announces the end if the client wants it, or if the body may be too long to read.

    The client has sent everything by then.
    """
    with Connection(wire.server.url) as connection:
        response = connection.exchange(request_)
        assert (response.status, response.headers["Connection"]) == (status, "close")
        assert connection.is_closed_by_server()


def test_a_body_that_waits_for_leave(wire: Wire) -> None:
    """A body that waits for "100 Continue" gets it, and is read."""
    body = json.dumps(MESSAGE).encode()
    headers = ["Content-Type: application/json", f"Content-Length: {len(body)}", "Expect: 100-continue"]
    with Connection(wire.server.url) as connection:
        # http.client skips the 100, and reads the response itself.
        assert connection.exchange(head("POST", MESSAGES, *headers) + body).status == 200


SOCKETS = Path("/proc/net/tcp")  # Linux's


@pytest.mark.skipif(not SOCKETS.exists(), reason="the test can't see what the server has read")
@pytest.mark.parametrize("length", [9, 65_536])
def test_a_client_that_breaks_off_in_a_chunked_body(wire: Wire, length: int) -> None:
    """A broken chunked body is reported like other bad input: no fault and no item.

    A body of 64 KiB lacks only its end.
    """
    address = ("127.0.0.1", int(wire.server.url.rpartition(":")[2]))
    client = f"breaks off after {length} bytes"
    with socket.create_connection(address, 10) as connection:
        connection.sendall(chunked(MESSAGES, chunk(b" " * length), f"User-Agent: {client}"))
        ports = f":{address[1]:04X}", f":{connection.getsockname()[1]:04X}"
        wire.vendors.wait_for(lambda: is_read(*ports), why="the server to have read what there is")
        # so that close() resets the connection
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def segments() -> list[Record]:
        return [one for one in wire.vendors.documents if one["http"]["request"].get("user_agent") == client]

    wire.vendors.wait_for(lambda: segments() != [], why="the segment")
    segment = only(segments())
    assert (segment["http"]["response"]["status"], "fault" in segment) == (400, False)
    wire.see("GET", HOME)
    assert segment["trace_id"] not in [item["custom"].get("xray_trace_id") for item in wire.vendors.items]


def is_read(server_port: str, client_port: str) -> bool:
    """Return whether the server has read everything that this client sent."""
    for line in SOCKETS.read_text().splitlines()[1:]:
        _, local, remote, _, queues, *_ = line.split()
        if local.endswith(server_port) and remote.endswith(client_port):
            return queues.endswith(":00000000")
    return False
