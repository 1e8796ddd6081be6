"""A bounded queue and the one thread that empties it, for the vendors whose SDK has none."""

import threading
import time
from collections import deque
from collections.abc import Callable

from opentelemetry.instrumentation.utils import suppress_http_instrumentation

from telemetry import forks
from telemetry.health import VendorHealth

FIRST_PAUSE = 0.2  # seconds before the second try, doubled up to LONGEST_PAUSE
LONGEST_PAUSE = 2.0
GATHERING_SECONDS = 0.1  # from the first item on: to wake the thread for each costs more than to send it


class Refused(Exception):
    """The vendor won't have this item, now or later."""


class Later(Exception):
    """The vendor wants this item, after so many seconds."""

    def __init__(self, why: str, seconds: float) -> None:
        super().__init__(why)
        self.seconds = seconds


class Outbox:
    """put() never waits. What is put, and was counted as produced before, is delivered in order, and tried again until
    `deliver` doesn't raise.

    deliver: sends one item. It raises Refused for an item that is not to be tried again, anything else for one that is:
    Later, where the vendor says when.
    capacity: how many bytes wait at the most; one item always may. What doesn't fit is counted as dropped: the newest,
    because the first errors of an outage tell more than the last.
    at_once: how many items are delivered before they're counted as sent, where to count each costs as much as to send
    it.
    """

    def __init__(self, deliver: Callable[[bytes], None], health: VendorHealth, capacity: int, at_once: int = 1) -> None:
        self._deliver = deliver
        self._health = health
        self._capacity = capacity
        self._at_once = at_once
        self._deadline: float | None = None  # set when it's time to stop
        self._thread: threading.Thread | None = None
        forks.begin_anew(self._begin)

    def _begin(self) -> None:
        self._waiting = 0  # bytes
        self._items: deque[bytes] = deque()
        self._changed = threading.Condition()
        if self._thread and self._deadline is None:
            self.start()

    def put(self, item: bytes) -> None:
        with self._changed:
            fits = not self._items or self._waiting + len(item) <= self._capacity
            if fits and self._deadline is None:
                self._items.append(item)
                self._waiting += len(item)
                if len(self._items) == 1:
                    self._changed.notify()
                return
        self._health.dropped(1, "the queue is full" if self._deadline is None else "put after the stop")

    def start(self) -> None:
        # Made here and not before the fork: Python 3.13.0 doesn't start a thread that was made before one.
        self._thread = threading.Thread(target=self._run, name=f"outbox {self._health.vendor}", daemon=True)
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Deliver what waits, for so many seconds at the most; count what is left then as dropped."""
        with self._changed:
            self._deadline = time.monotonic() + seconds
            self._changed.notify()
        if self._thread:
            self._thread.join(seconds)
        with self._changed:
            # The oldest may be on their way; those that don't arrive are left as waiting.
            on_their_way = self._at_once if self._thread and self._thread.is_alive() else 0
            lost = max(0, len(self._items) - on_their_way)
            for _ in range(lost):
                self._items.pop()
        if lost:
            self._health.dropped(lost, "the time to stop was up")

    def _run(self) -> None:
        with suppress_http_instrumentation():  # telemetry doesn't trace itself
            self._deliver_all()

    def _deliver_all(self) -> None:
        pause = FIRST_PAUSE
        while items := self._oldest():
            delivered = 0
            try:
                for item in items:
                    self._deliver(item)
                    delivered += 1
            except Refused as refusal:
                self._done(delivered, refused=1)
                self._health.failed(1, str(refusal))
            except Exception as error:  # noqa: BLE001 - nothing may end the thread; it's seen at /api/health
                self._done(delivered)
                self._health.trouble(str(error) if isinstance(error, Later) else f"{type(error).__name__}: {error}")
                if delivered:
                    pause = FIRST_PAUSE
                if not self._wait(pause, error.seconds if isinstance(error, Later) else 0.0):
                    return
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            else:
                self._done(delivered)
            pause = FIRST_PAUSE

    def _oldest(self) -> list[bytes]:
        """They stay in the queue until they are delivered. Empty when all is done."""
        with self._changed:
            if not self._items:
                self._changed.wait_for(lambda: self._items or self._deadline is not None)
                self._changed.wait_for(lambda: self._deadline is not None, GATHERING_SECONDS)
            # Not by going through them, because garbage may be collected meanwhile, and what it held put another one.
            return [self._items[at] for at in range(min(self._at_once, len(self._items)))]

    def _done(self, delivered: int, refused: int = 0) -> None:
        if delivered:
            self._health.sent(delivered)
        with self._changed:
            for _ in range(min(delivered + refused, len(self._items))):
                self._waiting -= len(self._items.popleft())

    def _wait(self, pause: float, asked_for: float) -> bool:
        """Let the pause pass, or the longer one that the vendor asks for, and say whether there is time for another
        try. A stop cuts the pause short, and has no time for one that is asked for.
        """
        with self._changed:
            stopping_before = self._deadline is not None
            pause = pause if stopping_before else max(pause, asked_for)
            self._changed.wait_for(lambda: self._deadline is not None and not stopping_before, timeout=pause)
            return self._deadline is None or time.monotonic() < self._deadline
