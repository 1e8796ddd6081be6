"""A storm of one exception, as few items."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from telemetry.health import VendorHealth

Payload = dict[str, Any]

WINDOW_SECONDS = 10
FIRST = 20  # of one kind in a window are sent as they come
KINDS = 200


@dataclass
class Storm:
    until: float  # on time.monotonic()'s clock
    sent: int = 0
    held: int = 0
    last: Payload | None = None


class Storms:
    """take() passes the first 20 payloads of a kind in ten seconds on to `put`; the others leave as one payload at the
    end of the window, or at flush(): the last of them, with custom.occurrences, the number that it stands for. That one
    counts as produced, and so as waiting, from the first that it stands for on.
    """

    def __init__(self, put: Callable[[Payload], None], health: VendorHealth) -> None:
        self._put = put
        self._health = health
        self._storms: dict[tuple[str, ...], Storm] = {}
        self._lock = threading.Lock()

    def take(self, payload: Payload) -> None:
        body = payload["data"]["body"]
        if "message" in body:  # somebody meant each of them
            self._health.produced()
            self._put(payload)
            return
        kind = kind_of(body)
        with self._lock:
            storm = self._storms.get(kind)
            if storm is None or (time.monotonic() >= storm.until and not storm.held):
                self._make_room()
                storm = self._storms[kind] = Storm(time.monotonic() + WINDOW_SECONDS)
            if storm.sent >= FIRST:
                storm.held += 1
                storm.last = payload
                if storm.held == 1:
                    self._health.produced()
                    timer = threading.Timer(max(0.0, storm.until - time.monotonic()), self._end, (kind,))
                    timer.daemon = True
                    timer.start()
                return
            storm.sent += 1
        self._health.produced()
        self._put(payload)

    def flush(self) -> None:
        for kind in list(self._storms):
            self._end(kind)

    def _end(self, kind: tuple[str, ...]) -> None:
        with self._lock:
            storm = self._storms.pop(kind, None)
        if storm and storm.last:
            storm.last["data"]["custom"]["occurrences"] = storm.held
            self._put(storm.last)

    def _make_room(self) -> None:
        if len(self._storms) >= KINDS:
            now = time.monotonic()
            self._storms = {kind: storm for kind, storm in self._storms.items() if storm.held or storm.until > now}


def kind_of(body: dict[str, Any]) -> tuple[str, ...]:
    """What two exceptions are one kind by: their class, and the place that raised them."""
    trace = body["trace"] if "trace" in body else body["trace_chain"][0]
    frame = trace["frames"][-1] if trace["frames"] else {}
    return (trace["exception"]["class"], str(frame.get("filename")), str(frame.get("lineno")))
