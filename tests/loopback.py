"""HTTP and datagram servers on 127.0.0.1 with free ports, which pass on what they receive."""

import contextlib
import socket
import socketserver
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler
from typing import Any

from receivers import VendorResponse

LOOPBACK = "127.0.0.1"
DATAGRAM = "datagram"
DRIPPING = VendorResponse(200, b"", "")  # sends a header without end instead, byte by byte


@dataclass(frozen=True)
class Request:
    """A POST or a GET to an HTTP path, or a datagram, whose path is DATAGRAM."""

    path: str
    body: bytes
    headers: Message = field(default_factory=Message)


Responder = Callable[[Request], VendorResponse]
FailureNoted = Callable[[BaseException], None]


class _Failing:
    """Handles errors on the servers' own threads."""

    failed: FailureNoted

    def handle_error(self, request: Any, client_address: Any) -> None:
        error = sys.exception()
        # A client that closes its connection (a timeout, the end of its process) is no failure of the server.
        if error is not None and not isinstance(error, ConnectionError):
            self.failed(error)


class HTTPServer(_Failing, socketserver.ThreadingTCPServer):
    """One thread per connection. close() ends the connections that clients keep open, and waits for their threads."""

    daemon_threads = False
    request_queue_size = 128
    allow_reuse_address = True  # a closed port can open again while old connections linger

    def __init__(self, response: Responder, failed: FailureNoted, port: int = 0) -> None:
        self.respond = response
        self.failed = failed
        self._connections: set[socket.socket] = set()
        super().__init__((LOOPBACK, port), _HTTPHandler)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def close(self) -> None:
        self.shutdown()
        for connection in list(self._connections):
            # Wake its thread, which waits for the next request, as if the client closed. (It may have.)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        self.server_close()


class _HTTPHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet; otherwise the client's delayed acknowledgement costs 40 ms per request
    server: HTTPServer

    def do_POST(self) -> None:
        response = self.server.respond(Request(self.path.partition("?")[0], self._body(), self.headers))
        if response is DRIPPING:
            self._drip()
            return
        self.send_response_only(response.status)
        for name, value in {"Date": self.date_time_string(), **response.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Type", response.content_type)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    do_GET = do_POST  # noqa: N815

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Endless: ")
        while True:  # until the client closes
            self.wfile.write(b".")
            self.wfile.flush()
            time.sleep(0.1)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", "0")))
        body = b""
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return body

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's own name
        """Log nothing, so that only the test's own output is shown."""


class DatagramServer(_Failing, socketserver.UDPServer):
    """One thread for all datagrams, in order. It sends no response."""

    max_packet_size = 65_535

    def __init__(self, response: Responder, failed: FailureNoted, port: int) -> None:
        self.respond = response
        self.failed = failed
        super().__init__((LOOPBACK, port), _DatagramHandler)
        # Room for seconds of traffic, so that none is lost while Python runs another thread. (The kernel may allow
        # less.)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024 * 1024)

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _DatagramHandler(socketserver.BaseRequestHandler):
    server: DatagramServer

    def handle(self) -> None:
        self.server.respond(Request(DATAGRAM, self.request[0]))


def bind_daemon(response: Responder, failed: FailureNoted) -> tuple[HTTPServer, DatagramServer]:
    """Return the daemon's two servers on one port number, because AWS_XRAY_DAEMON_ADDRESS has one for both."""
    while True:
        daemon = HTTPServer(response, failed)
        try:
            return daemon, DatagramServer(response, failed, daemon.server_address[1])
        except OSError:  # another program uses this UDP port
            daemon.server_close()
