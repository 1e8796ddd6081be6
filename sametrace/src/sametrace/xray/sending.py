"""Send segments, each as a datagram to the X-Ray daemon."""

import os
import socket
from typing import Any
from weakref import WeakSet

from aws_xray_sdk.core.daemon_config import DaemonConfig
from aws_xray_sdk.core.models.entity import Entity
from aws_xray_sdk.core.models.segment import Segment

from sametrace.core.delivery import Later, Limits
from sametrace.core.health import VendorHealth
from sametrace.core.sender import Sender
from sametrace.xray import encoding

# About 7,500 segments fit; 64 are counted together.
LIMITS = Limits(queue_bytes=7_000_000, batch_bytes=7_000_000, batch_items=64, seconds=0.1)


class SegmentEmitter(Sender[bytes]):
    """Queues segments, in place of the SDK's UDPEmitter.

    It works around UDPEmitter, which resolves the daemon's name and sends on the request's thread, for every segment,
    and tries to send what does not fit a datagram.
    """

    def __init__(self, daemon_address: str, health: VendorHealth) -> None:
        daemon = DaemonConfig(daemon_address)
        self._ip, self._port = daemon.udp_ip, daemon.udp_port
        self._awaited: WeakSet[Segment] = WeakSet()
        self._connection: socket.socket | None = None
        super().__init__(health, LIMITS, self._send_all)

    def wait_for(self, segment: Segment) -> None:
        """Count a segment that another thread will complete.

        It will be sent when that thread ends the last subsegment, which may never happen.
        """
        self._health.produced()
        self._awaited.add(segment)

    def send_entity(self, entity: Entity) -> None:
        """Encode a segment now, in the thread that ended it.

        Encoding many in the background would take as long, but delay the requests of that moment.
        """
        if self._awaited and entity in self._awaited:
            self._awaited.discard(entity)
        else:
            self._health.produced()
        try:
            self._put_document(encoding.document(entity))
        except Exception as error:  # noqa: BLE001 - of what a service put there, which may even have no text
            self._lost(type(error).__name__)

    def _put_document(self, document: dict[str, Any]) -> None:
        """Queue a segment, in parts if it is too long.

        A subsegment can be a document of its own, as when the SDK streams it, and X-Ray joins them.
        """
        try:
            datagram = encoding.as_datagram(document)
        except encoding.TooLong as error:
            subsegments = document.pop("subsegments", [])
            if not subsegments:
                self._lost(str(error))
                return
            self._put_document(document)
            for subsegment in subsegments:
                self._health.produced()
                self._put_document(subsegment)
        else:
            self.put(datagram, len(datagram))

    def _lost(self, why: str) -> None:
        self._health.failed(1, f"a segment can't be sent: {why}")

    def set_daemon_address(self, address: str) -> None:
        """Do nothing, because the emitter already has the address.

        xray_recorder.configure() calls this with the same one.
        """

    def _send_all(self, datagrams: list[bytes]) -> None:
        for sent, datagram in enumerate(datagrams):
            try:
                connection = self._connection = self._connection or connect(self._ip, self._port)
                connection.send(datagram)
                # A connected UDP socket may report that no program listens there: on this machine at once, elsewhere
                # with a later datagram.
                if error := connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    raise OSError(error, f"{os.strerror(error)}: no daemon listens at {self._ip}:{self._port}")
            except OSError as error:
                # The name may resolve to another machine by now, so the next try resolves it again.
                if self._connection:
                    self._connection.close()
                self._connection = None
                raise Later(f"{type(error).__name__}: {error}", sent=sent) from error


def connect(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)[0]
    connection = socket.socket(family, kind, protocol)
    connection.connect(address)
    return connection
