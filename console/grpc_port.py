"""Listen on OTLP's gRPC port, and load the gRPC library when it is needed.

The library is loaded when the first program connects. It needs memory that most consoles can save, and it can't use a
socket that already listens. So it serves a socket file, and this module forwards each connection to it.
"""

import logging
import shutil
import socket
import tempfile
import threading
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from store import Store
from strays import WAIT_SECONDS, protocol_of

if TYPE_CHECKING:
    import grpc

MAX_CONNECTIONS = 128
CHUNK_BYTES = 64 * 1024
LOOK_SECONDS = 0.2  # how soon the thread sees stop()
STOP_SECONDS = 2  # for running calls
NOT_HTTP = b"this port takes OTLP by gRPC; OTLP over HTTP has the console's other port, 4318 by default\n"
HTTP_RESPONSE = (
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%b" % (len(NOT_HTTP), NOT_HTTP)
)

logger = logging.getLogger(__name__)


def tcp_socket(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raise OSError."""
    [(family, _, _, _, address), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    # As in gunicorn, `::` includes IPv4.
    both = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
    return socket.create_server(address, family=family, backlog=MAX_CONNECTIONS, dualstack_ipv6=both)


class GrpcPort:
    """Serves the socket from start() to stop()."""

    def __init__(self, listener: socket.socket, store: Store) -> None:
        self._listener = listener
        self._store = store
        self._folder = Path(tempfile.mkdtemp(prefix="console-grpc-"))  # mode 700, so that no other user can connect
        self._address = str(self._folder / "socket")
        self._server: grpc.Server | None = None
        self._starting = threading.Lock()
        self._stopping = threading.Event()
        self._room = threading.Semaphore(MAX_CONNECTIONS)
        self._thread = threading.Thread(target=self._accept, name="grpc-port", daemon=True)

    def start(self) -> None:
        self._listener.settimeout(LOOK_SECONDS)
        self._thread.start()

    def stop(self) -> None:
        """Accept no more calls, and wait for the running ones."""
        self._stopping.set()
        self._thread.join()
        with self._starting:
            if self._server is not None:
                self._server.stop(STOP_SECONDS).wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                logger.exception("connection_not_accepted")
                self._stopping.wait(LOOK_SECONDS)
                continue
            if self._room.acquire(blocking=False):
                threading.Thread(target=self._serve, args=(connection,), name="grpc-connection", daemon=True).start()
            else:
                connection.close()
                self._store.totals.refuse("honeycomb", f"more than {MAX_CONNECTIONS} connections by gRPC")

    def _serve(self, connection: socket.socket) -> None:
        try:
            with closing(connection):
                connection.settimeout(WAIT_SECONDS)
                protocol = protocol_of(connection)
                if protocol == "grpc":
                    connection.settimeout(None)
                    self._pass_on(connection)
                elif protocol:
                    self._store.totals.stray(protocol)
                    if protocol == "http":
                        _respond(connection)
        except OSError:
            logger.debug("connection_lost", exc_info=True)
        finally:
            self._room.release()

    def _pass_on(self, connection: socket.socket) -> None:
        self._start_server()
        # Otherwise the second part of a response may wait 40 ms for the acknowledgement of the first.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            server.connect(self._address)
            back = threading.Thread(target=_pump, args=(server, connection), name="grpc-responses", daemon=True)
            back.start()
            _pump(connection, server)
            back.join()

    def _start_server(self) -> None:
        with self._starting:
            if self._server is None and not self._stopping.is_set():
                from grpc_services import serve  # noqa: PLC0415 - loads the library when it is needed

                self._server = serve(f"unix:{self._address}", self._store)


def _respond(connection: socket.socket) -> None:
    """Respond to a sender of HTTP with the right port.

    Read its request first, or closing would lose the response.
    """
    connection.recv(CHUNK_BYTES)
    connection.sendall(HTTP_RESPONSE)
    connection.shutdown(socket.SHUT_WR)
    for _ in range(16):
        if not connection.recv(CHUNK_BYTES):
            break


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Copy bytes until either end closes, then close the target for writing."""
    with suppress(OSError):  # one end has closed; this closes the other
        while data := source.recv(CHUNK_BYTES):
            target.sendall(data)
    for end, way in ((target, socket.SHUT_WR), (source, socket.SHUT_RD)):
        with suppress(OSError):
            end.shutdown(way)
