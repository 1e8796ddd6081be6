"""Receive segment documents on X-Ray's UDP port, one per datagram.

gunicorn serves the daemon's TCP port.
"""

import logging
import socket
import struct
import sys
import threading

from receivers import Refused, xray
from store import Full, Store

MAX_DATAGRAM_BYTES = 65_535
AT_ONCE = 200  # datagrams taken from the kernel's buffer before they are read
WAIT_SECONDS = 0.5  # for the store; after longer, the kernel's buffer overflows
SO_RXQ_OVFL = 40  # Linux: each datagram brings the number that the kernel dropped. The socket module has no name for it

logger = logging.getLogger(__name__)


def udp_socket(host: str, port: int) -> socket.socket:
    """Return a socket to receive on; raises OSError."""
    [(family, kind, protocol, _, address), *_] = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
    receiving = socket.socket(family, kind, protocol)
    try:
        # Room for seconds of traffic, so that none is lost while another thread runs. (The kernel may allow less.)
        receiving.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024 * 1024)
        if sys.platform == "linux":
            receiving.setsockopt(socket.SOL_SOCKET, SO_RXQ_OVFL, 1)
        receiving.bind(address)
    except OSError:
        receiving.close()
        raise
    return receiving


class Daemon:
    """Receives on the socket in its own thread, from start() to stop()."""

    def __init__(self, receiving: socket.socket, store: Store) -> None:
        self._socket = receiving
        self._store = store
        self._lost = 0  # dropped by the kernel since the socket was opened
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="xray-daemon", daemon=True)

    def start(self) -> None:
        self._socket.settimeout(0.2)  # so that the thread sees stop()
        self._thread.start()

    def stop(self) -> None:
        """Receive what the kernel has buffered, and stop."""
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            datagrams = self._take()
            if datagrams:
                self._receive(datagrams)
            elif self._stopping.is_set():
                return

    def _take(self) -> list[bytes]:
        """Wait a moment for a datagram, and return all that have arrived."""
        datagrams: list[bytes] = []
        try:
            datagrams.append(self._next(0))
            while len(datagrams) < AT_ONCE:
                datagrams.append(self._next(socket.MSG_DONTWAIT))
        except (TimeoutError, BlockingIOError):
            pass  # no more datagrams
        except OSError:
            logger.exception("datagram_not_received")
            self._stopping.wait(0.2)
        return datagrams

    def _next(self, flags: int) -> bytes:
        datagram, ancillary, _, _ = self._socket.recvmsg(MAX_DATAGRAM_BYTES, socket.CMSG_SPACE(4), flags)
        for level, kind, value in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, SO_RXQ_OVFL):
                (lost,) = struct.unpack("I", value)
                self._store.totals.drop("xray", lost - self._lost)
                self._lost = lost
        return datagram

    def _receive(self, datagrams: list[bytes]) -> None:
        documents = []
        for datagram in datagrams:
            try:
                documents.append(xray.receive_datagram(datagram))
            except Refused as refused:
                self._store.totals.refuse("xray", str(refused))
        try:
            self._store.add("xray", documents, WAIT_SECONDS)
        except Full:
            logger.warning("segments_dropped", extra={"documents": len(documents)})  # the store has counted them
        except Exception:
            # A document that the receiver should have refused loses these documents, but the thread continues.
            logger.exception("segments_not_stored", extra={"documents": len(documents)})
            self._store.totals.drop("xray", len(documents))
