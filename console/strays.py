"""What arrives in another protocol than the port takes, and so is not received."""

import re
import socket

from flask import Flask
from gunicorn.workers.gthread import TConn, ThreadWorker

HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n"
TLS_HANDSHAKE = b"\x16\x03"  # A handshake's record, and the version's first byte, which is 3 in each of them.
HTTP1_REQUEST = re.compile(rb"[A-Z]{3,} /")
WAIT_SECONDS = 5  # For the first bytes of a connection, as gunicorn's own thread does.


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types.
    """gunicorn's threaded worker, which recognises a sender of gRPC or TLS by its first bytes."""

    def handle(self, conn: TConn) -> object:
        if not conn.initialized and (conn.data_ready or conn.wait_for_data(WAIT_SECONDS)):
            protocol = protocol_of(conn.sock)
            app: Flask = self.wsgi
            if protocol in ("grpc", "tls"):
                app.extensions["store"].totals.stray(protocol)
            if protocol == "tls":
                # It would never become a line of HTTP, and hold the thread until the sender gives up.
                return False
        return super().handle(conn)


def protocol_of(connection: socket.socket) -> str:
    """Return what the first bytes are of: "grpc", "tls" or "http"; "" for what is none, or gone already."""
    try:
        first = connection.recv(len(HTTP2_PREFACE), socket.MSG_PEEK)
    except OSError:
        return ""  # The reading that follows meets it, too.
    if first == HTTP2_PREFACE:
        return "grpc"
    if first.startswith(TLS_HANDSHAKE):
        return "tls"
    return "http" if HTTP1_REQUEST.match(first) else ""
