"""Recognise senders of a protocol that the console's port does not accept."""

import re
import socket

from flask import Flask
from gunicorn.workers.gthread import TConn, ThreadWorker

HTTP2_PREFACE = b"PRI * HTTP/2.0\r\n"
TLS_HANDSHAKE = b"\x16\x03"  # a handshake's record, and the version's first byte, which is always 3
HTTP1_REQUEST = re.compile(rb"[A-Z]{3,} /")
WAIT_SECONDS = 5  # for a connection's first bytes, as in gunicorn's own thread


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types.
    """gunicorn's threaded worker, which recognises senders of gRPC and TLS.

    It reads the first bytes of a connection.
    """

    def handle(self, conn: TConn) -> object:
        if not conn.initialized and (conn.data_ready or conn.wait_for_data(WAIT_SECONDS)):
            protocol = protocol_of(conn.sock)
            app: Flask = self.wsgi
            if protocol in ("grpc", "tls"):
                app.extensions["store"].totals.stray(protocol)
            if protocol == "tls":
                # It never becomes a line of HTTP, and would occupy the thread until the sender gives up.
                return False
        return super().handle(conn)


def protocol_of(connection: socket.socket) -> str:
    """Return the protocol of the first bytes: "grpc", "tls" or "http".

    Return "" if there are none, or if they are of another protocol.
    """
    try:
        first = connection.recv(len(HTTP2_PREFACE), socket.MSG_PEEK)
    except OSError:
        return ""  # the read that follows fails, too
    if first == HTTP2_PREFACE:
        return "grpc"
    if first.startswith(TLS_HANDSHAKE):
        return "tls"
    return "http" if HTTP1_REQUEST.match(first) else ""
