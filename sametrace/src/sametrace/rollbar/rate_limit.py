"""Limit repeated exceptions of one kind to a few items."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sametrace.core import forks
from sametrace.core.health import VendorHealth

Payload = dict[str, Any]

WINDOW_SECONDS = 10
FIRST = 20  # of one kind in a window are sent one by one
KINDS = 200  # kinds in a window; further kinds are not limited


@dataclass
class Repeats:
    sent: int = 0
    held: int = 0
    last: Payload | None = None


class RateLimit:
    """Passes the first 20 payloads of a kind in ten seconds on to `put`.

    The others leave as one payload at the end of the window, or at flush(): the last of them, with their number in
    custom.occurrences. It counts as produced, and so as waiting, from the first of them on.

    All kinds share one window, which begins with the first payload after the previous window: so there is one timer.
    """

    def __init__(self, put: Callable[[Payload], None], health: VendorHealth) -> None:
        self._put = put
        self._health = health
        forks.call_in_each_process(self._begin)

    def _begin(self) -> None:
        self._by_kind: dict[tuple[str, ...], Repeats] = {}
        self._until = 0.0  # on time.monotonic()'s clock
        self._holding = False
        # Reentrant: garbage collection while it is held may end a span, or report an exception.
        self._lock = threading.RLock()

    def take(self, payload: Payload) -> None:
        body = payload["data"]["body"]
        # The app reports each message on purpose.
        if "message" in body or not self._hold(kind_of(body), payload):
            self._health.produced()
            self._put(payload)

    def flush(self) -> None:
        with self._lock:
            by_kind, self._by_kind = self._by_kind, {}
            self._until = 0.0
            self._holding = False
        for repeats in by_kind.values():
            if repeats.last:
                repeats.last["data"]["custom"]["occurrences"] = repeats.held
                self._put(repeats.last)

    def _hold(self, kind: tuple[str, ...], payload: Payload) -> bool:
        """Hold a payload back, and return whether to send it now instead.

        A payload is held until the end of the window.
        """
        with self._lock:
            now = time.monotonic()
            if now >= self._until and not self._holding:
                self._by_kind = {}
                self._until = now + WINDOW_SECONDS
            if kind not in self._by_kind and len(self._by_kind) == KINDS:
                return False
            repeats = self._by_kind.setdefault(kind, Repeats())
            if repeats.sent < FIRST:
                repeats.sent += 1
                return False
            if not self._holding:
                timer = threading.Timer(self._until - now, self.flush)
                timer.daemon = True
                timer.start()  # raises if no thread can be started; nothing is held then
                self._holding = True
            repeats.held += 1
            repeats.last = payload
            if repeats.held == 1:
                self._health.produced()
            return True


def kind_of(body: dict[str, Any]) -> tuple[str, ...]:
    """Return the kind of an exception: its class, and the place that raised it."""
    trace = body["trace"] if "trace" in body else body["trace_chain"][0]
    frame = trace["frames"][-1] if trace["frames"] else {}
    return (trace["exception"]["class"], str(frame.get("filename")), str(frame.get("lineno")))
