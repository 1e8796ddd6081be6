"""Many exceptions of one kind, as few items."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sametrace.core import forks
from sametrace.core.health import VendorHealth

Payload = dict[str, Any]

WINDOW_SECONDS = 10
FIRST = 20  # of one kind in a window are sent as they come
KINDS = 200  # that are told apart in a window; what is of yet another one is sent as it comes


@dataclass
class Storm:
    sent: int = 0
    held: int = 0
    last: Payload | None = None


class RateLimit:
    """take() passes the first 20 payloads of a kind in ten seconds on to `put`; the others leave as one payload at the
    end of the window, or at flush(): the last of them, with custom.occurrences, the number that it stands for. That one
    counts as produced, and so as waiting, from the first that it stands for on.

    All kinds have one window, which begins with the first payload after the one before: many kinds need one timer.
    """

    def __init__(self, put: Callable[[Payload], None], health: VendorHealth) -> None:
        self._put = put
        self._health = health
        forks.begin_anew(self._begin)

    def _begin(self) -> None:
        self._storms: dict[tuple[str, ...], Storm] = {}
        self._until = 0.0  # on time.monotonic()'s clock
        self._holding = False
        # Reentrant: garbage that is collected while it's held may end a span, or report something.
        self._lock = threading.RLock()

    def take(self, payload: Payload) -> None:
        body = payload["data"]["body"]
        # A message somebody meant, each of them.
        if "message" in body or not self._hold(kind_of(body), payload):
            self._health.produced()
            self._put(payload)

    def flush(self) -> None:
        with self._lock:
            storms, self._storms = self._storms, {}
            self._until = 0.0
            self._holding = False
        for storm in storms.values():
            if storm.last:
                storm.last["data"]["custom"]["occurrences"] = storm.held
                self._put(storm.last)

    def _hold(self, kind: tuple[str, ...], payload: Payload) -> bool:
        """Keep it for the end of the window, or say that it is to be sent."""
        with self._lock:
            now = time.monotonic()
            if now >= self._until and not self._holding:
                self._storms = {}
                self._until = now + WINDOW_SECONDS
            if kind not in self._storms and len(self._storms) == KINDS:
                return False
            storm = self._storms.setdefault(kind, Storm())
            if storm.sent < FIRST:
                storm.sent += 1
                return False
            if not self._holding:
                timer = threading.Timer(self._until - now, self.flush)
                timer.daemon = True
                timer.start()  # raises where there is no thread to be had; nothing is held then
                self._holding = True
            storm.held += 1
            storm.last = payload
            if storm.held == 1:
                self._health.produced()
            return True


def kind_of(body: dict[str, Any]) -> tuple[str, ...]:
    """What two exceptions are one kind by: their class, and the place that raised them."""
    trace = body["trace"] if "trace" in body else body["trace_chain"][0]
    frame = trace["frames"][-1] if trace["frames"] else {}
    return (trace["exception"]["class"], str(frame.get("filename")), str(frame.get("lineno")))
