"""A bounded queue and the one thread that empties it, for the vendors whose SDK has none."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from opentelemetry.instrumentation.utils import suppress_http_instrumentation

from telemetry.health import VendorHealth

Item = TypeVar("Item")

FIRST_PAUSE = 0.2  # seconds before the second try, doubled up to LONGEST_PAUSE
LONGEST_PAUSE = 2.0
GATHERING_SECONDS = 0.1  # from the first item on: to wake the thread for each costs more than to send it


class Refused(Exception):
    """The vendor won't have this item, now or later."""


class Outbox(Generic[Item]):
    """put() never waits. What is put, and was counted as produced before, is delivered in order, and tried again until
    `deliver` doesn't raise.

    deliver: sends one item. It raises Refused for an item that is not to be tried again, anything else for one that is.
    capacity: how much waits at the most, by `size`, which is their number if it isn't given; one item always may. What
    doesn't fit is counted as dropped: the newest, because the first errors of an outage tell more than the last.
    """

    def __init__(
        self,
        deliver: Callable[[Item], None],
        health: VendorHealth,
        capacity: int,
        size: Callable[[Item], int] = lambda _: 1,
    ) -> None:
        self._deliver = deliver
        self._health = health
        self._capacity = capacity
        self._size = size
        self._waiting = 0  # by size
        self._items: deque[Item] = deque()
        self._changed = threading.Condition()
        self._deadline: float | None = None  # set when it's time to stop
        self._thread = threading.Thread(target=self._run, name=f"outbox {health.vendor}", daemon=True)

    def put(self, item: Item) -> None:
        with self._changed:
            fits = not self._items or self._waiting + self._size(item) <= self._capacity
            if fits and self._deadline is None:
                self._items.append(item)
                self._waiting += self._size(item)
                if len(self._items) == 1:
                    self._changed.notify()
                return
        self._health.dropped(1, "the queue is full" if self._deadline is None else "put after the stop")

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Deliver what waits, for so many seconds at the most; count what is left then as dropped."""
        with self._changed:
            self._deadline = time.monotonic() + seconds
            self._changed.notify()
        self._thread.join(seconds)
        with self._changed:
            # The oldest may be on its way; if it doesn't arrive, it is left as waiting.
            lost = max(0, len(self._items) - 1)
            for _ in range(lost):
                self._items.pop()
        if lost:
            self._health.dropped(lost, "the time to stop was up")

    def _run(self) -> None:
        with suppress_http_instrumentation():  # telemetry doesn't trace itself
            self._deliver_all()

    def _deliver_all(self) -> None:
        pause = FIRST_PAUSE
        while (item := self._next()) is not None:
            try:
                self._deliver(item)
            except Refused as refusal:
                self._health.failed(1, str(refusal))
            except Exception as error:  # noqa: BLE001 - nothing may end the thread; it's seen at /api/health
                self._health.trouble(f"{type(error).__name__}: {error}")
                if not self._wait(pause):
                    return
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            else:
                self._health.sent()
            pause = FIRST_PAUSE
            with self._changed:
                if self._items:
                    self._waiting -= self._size(self._items.popleft())

    def _next(self) -> Item | None:
        """The oldest item, which stays in the queue until it is delivered; None when all is done."""
        with self._changed:
            if not self._items:
                self._changed.wait_for(lambda: self._items or self._deadline is not None)
                self._changed.wait_for(lambda: self._deadline is not None, GATHERING_SECONDS)
            return self._items[0] if self._items else None

    def _wait(self, pause: float) -> bool:
        """Let the pause pass, and say whether there is time for another try. A stop cuts the pause short."""
        with self._changed:
            stopping_before = self._deadline is not None
            self._changed.wait_for(lambda: self._deadline is not None and not stopping_before, timeout=pause)
            return self._deadline is None or time.monotonic() < self._deadline
