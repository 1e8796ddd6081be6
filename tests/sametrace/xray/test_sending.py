"""Where segments go."""

import socket
from typing import Any

import pytest
from aws_xray_sdk.core.models.segment import Segment
from telemetry.health import VendorHealth
from telemetry.xray_emitter import SegmentEmitter

from vendors import Vendors
from waiting import wait_until


def test_a_daemon_that_moved_is_found_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its name is resolved anew when nobody listens where it was, as after a restart in docker compose."""
    with Vendors() as vendors:
        there = int(vendors.environ()["AWS_XRAY_DAEMON_ADDRESS"].rpartition(":")[2])
        resolve = socket.getaddrinfo
        left = [9]  # where nobody listens

        def moving(host: Any, port: Any, *arguments: Any, **named: Any) -> Any:
            if host != "xray-daemon":
                return resolve(host, port, *arguments, **named)
            return resolve("127.0.0.1", left.pop() if left else there, *arguments, **named)

        monkeypatch.setattr(socket, "getaddrinfo", moving)
        health = VendorHealth("X-Ray", on=True, detail="")
        emitter = SegmentEmitter("xray-daemon:2000", health)
        emitter.start()
        for number in range(2):
            segment = Segment(f"number {number}")
            segment.close()
            emitter.send_entity(segment)
            # One by one, because a connected UDP socket may hear of the first with the next only.
            wait_until(lambda: health.waiting == 0, "the segment to be handed over", timeout=10)
        vendors.wait_for(lambda: "number 1" in [one["name"] for one in vendors.documents], why="the later one")
        emitter.stop(5)

        assert health.lost() == {}
