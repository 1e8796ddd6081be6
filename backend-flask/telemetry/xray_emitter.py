"""How segments leave: each a datagram to the X-Ray daemon, from a thread of its own."""

import os
import socket
from collections.abc import Callable
from typing import Any
from weakref import WeakSet

from aws_xray_sdk.core.daemon_config import DaemonConfig
from aws_xray_sdk.core.emitters.udp_emitter import UDPEmitter
from aws_xray_sdk.core.models.entity import Entity
from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.streaming.default_streaming import DefaultStreaming

from telemetry import xray_documents
from telemetry.health import VendorHealth
from telemetry.outbox import Outbox

QUEUE_BYTES = 7_000_000  # some 7,500 segments
AT_ONCE = 64  # segments that are counted together


class Streaming(DefaultStreaming):
    """Mends the stock one, which writes subsegments, and so calls what a service put there, while it holds a lock; and
    which waits for that lock, though it may be its own thread's, while garbage is collected. What isn't streamed now is
    with the next subsegment, or in the segment.
    """

    def stream(self, entity: Entity, callback: Callable[[Entity], None]) -> None:
        ready: list[Entity] = []
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._stream(entity, ready.append)
        finally:
            self._lock.release()
        for subsegment in ready:
            callback(subsegment)


class SegmentEmitter(UDPEmitter):
    """Mends the stock emitter, which resolves the daemon's name and sends on the request's thread, for every segment,
    and tries to send what doesn't fit a datagram.
    """

    def __init__(self, daemon_address: str, health: VendorHealth) -> None:
        # Not the stock emitter's: it makes a socket, which a process that only loads the app has no use for.
        daemon = DaemonConfig(daemon_address)
        self._ip, self._port = daemon.udp_ip, daemon.udp_port
        self._health = health
        self._awaited: WeakSet[Segment] = WeakSet()
        self._connection: socket.socket | None = None
        self._outbox = Outbox(self._deliver, health, QUEUE_BYTES, AT_ONCE)

    def start(self) -> None:
        self._outbox.start()

    def stop(self, seconds: float) -> None:
        self._outbox.stop(seconds)

    def wait_for(self, segment: Segment) -> None:
        """It is sent when another thread ends its last subsegment, and counted now: that thread may never do so."""
        self._health.produced()
        self._awaited.add(segment)

    def send_entity(self, entity: Entity) -> None:
        """Write it now: to write a hundred later keeps the requests of then waiting, and takes no less time."""
        if self._awaited and entity in self._awaited:
            self._awaited.discard(entity)
        else:
            self._health.produced()
        try:
            self._put(xray_documents.document(entity))
        except Exception as error:  # noqa: BLE001 - of what a service put there, which may even have no text
            self._lost(type(error).__name__)

    def _put(self, document: dict[str, Any]) -> None:
        """In parts, where it's too long: a subsegment has what it takes to be a document of its own, as where the SDK
        streams it, and X-Ray puts them together.
        """
        try:
            self._outbox.put(xray_documents.as_datagram(document))
        except xray_documents.TooLong as error:
            subsegments = document.pop("subsegments", [])
            if not subsegments:
                self._lost(str(error))
                return
            self._put(document)
            for subsegment in subsegments:
                self._health.produced()
                self._put(subsegment)

    def _lost(self, why: str) -> None:
        self._health.failed(1, f"a segment can't be sent: {why}")

    def _deliver(self, datagram: bytes) -> None:
        if self._connection is None:
            self._connection = self._connect()
        try:
            self._connection.send(datagram)
            # A connected UDP socket may hear that nobody listens there: at once on this machine, else with a later
            # datagram.
            error = self._connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if error:
                raise OSError(error, f"{os.strerror(error)}: no daemon listens at {self._ip}:{self._port}")
        except OSError:
            # The name may mean another machine by now, so it is resolved again.
            self._connection.close()
            self._connection = None
            raise

    def _connect(self) -> socket.socket:
        family, kind, protocol, _, address = socket.getaddrinfo(self._ip, self._port, type=socket.SOCK_DGRAM)[0]
        connection = socket.socket(family, kind, protocol)
        connection.connect(address)
        return connection
