"""How segments leave: each a datagram to the X-Ray daemon, from a thread of its own."""

import os
import socket
from typing import Any

from aws_xray_sdk.core.daemon_config import DaemonConfig
from aws_xray_sdk.core.emitters.udp_emitter import PROTOCOL_DELIMITER, PROTOCOL_HEADER, UDPEmitter
from aws_xray_sdk.core.models.entity import Entity

from telemetry import redaction
from telemetry.health import VendorHealth
from telemetry.outbox import Outbox, Refused

QUEUE_SEGMENTS = 8_192
MAX_DOCUMENT_BYTES = 63_900  # with its header: the daemon's buffer is 64 KiB, IPv4 carries 65,507 bytes


class SegmentEmitter(UDPEmitter):
    """Mends the stock emitter, which resolves the daemon's name and writes JSON on the request's thread, for every
    segment, and tries to send what doesn't fit a datagram.
    """

    def __init__(self, daemon_address: str, health: VendorHealth) -> None:
        # Not the stock emitter's: it makes a socket, which a process that only loads the app has no use for.
        daemon = DaemonConfig(daemon_address)
        self._ip, self._port = daemon.udp_ip, daemon.udp_port
        self._health = health
        self._connection: socket.socket | None = None
        self._outbox: Outbox[Entity] = Outbox(self._deliver, health, QUEUE_SEGMENTS)

    def start(self) -> None:
        self._outbox.start()

    def stop(self, seconds: float) -> None:
        self._outbox.stop(seconds)

    def send_entity(self, entity: Entity) -> None:
        self._health.produced()
        self._outbox.put(entity)

    def _deliver(self, entity: Entity) -> None:
        try:
            datagram = as_datagram(entity.to_dict())
        except (TypeError, ValueError, RecursionError) as unwritable:
            raise Refused(f"a segment can't be written as JSON: {unwritable}") from unwritable
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


def as_datagram(document: dict[str, Any]) -> bytes:
    """The document as the daemon reads it; shortened where it wouldn't fit. Raises Refused where even that is too long.

    Source: X-Ray's "Sending trace data", and its limit of 64 KB a segment document.
    """
    redact_urls(document)
    text = redaction.as_json(document)
    if len(text) > MAX_DOCUMENT_BYTES:
        document = redaction.shortened(redaction.inside(document))
        text = redaction.compact_json(document)
    if len(text) > MAX_DOCUMENT_BYTES:
        text = redaction.compact_json({**document, "metadata": {}, "subsegments": []})
    if len(text) > MAX_DOCUMENT_BYTES:
        raise Refused(f"a segment document of {len(text)} bytes is too long for a datagram")
    return f"{PROTOCOL_HEADER}{PROTOCOL_DELIMITER}{text}".encode()


def redact_urls(document: dict[str, Any]) -> None:
    """Take the passwords out of the outgoing calls' URLs: the SDK's patch of requests only takes the query out."""
    call = document.get("http", {}).get("request", {})
    if "url" in call:
        call["url"] = redaction.url(call["url"])
    for subsegment in document.get("subsegments", []):
        redact_urls(subsegment)
