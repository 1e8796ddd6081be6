"""Send HTTP as raw bytes, valid or not."""

import json
import socket
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

HOST = "Host: localhost"


@dataclass(frozen=True)
class VendorResponse:
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Connection:
    """A TCP connection to the server at `url`, open within the context."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._socket = socket.create_connection((address.hostname, address.port), timeout=10)

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def exchange(self, request: bytes, *, ends: bool = False) -> VendorResponse:
        """Send the request and read the response. ends: close this side after the request"""
        self._socket.sendall(request)
        if ends:
            self._socket.shutdown(socket.SHUT_WR)
        # http.client reads the response to its end. For HEAD, that is the end of the headers.
        response = HTTPResponse(self._socket, method=request.partition(b" ")[0].decode("latin-1"))
        response.begin()
        return VendorResponse(response.status, response.headers, response.read())

    def is_closed_by_server(self) -> bool:
        """Return whether the server closed the connection. An open connection is watched for a second."""
        self._socket.settimeout(1)
        try:
            return self._socket.recv(1) == b""
        except TimeoutError:
            return False


def head(method: str, path: str, *headers: str, version: str = "HTTP/1.1", host: str = HOST) -> bytes:
    """Return a request without a body. Non-ASCII is sent as Latin-1, one byte per character."""
    lines = [f"{method} {path} {version}", *([host] if host else []), *headers]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode("latin-1")


def post(path: str, body: bytes | object, *headers: str, content_type: str | None = "application/json") -> bytes:
    """Return a POST. A body that isn't bytes is sent as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    types = [f"Content-Type: {content_type}"] if content_type is not None else []
    return head("POST", path, *types, f"Content-Length: {len(content)}", *headers) + content


def chunked(path: str, body: bytes, *headers: str) -> bytes:
    """Return a POST of JSON whose body must already be in chunks."""
    return head("POST", path, "Content-Type: application/json", "Transfer-Encoding: chunked", *headers) + body


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)
