"""The sender: a bounded queue, and the one thread that empties it batch by batch."""

import contextvars
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from itertools import islice
from typing import Generic, TypeVar

from sametrace.core import forks
from sametrace.core.delivery import Later, Limits, Refused, Trouble
from sametrace.core.health import VendorHealth

FIRST_PAUSE = 0.2  # seconds before the first retry, doubled up to LONGEST_PAUSE
LONGEST_PAUSE = 2.0

# Each sender's thread enters it: an SDK that traces outgoing calls sets it, so that it doesn't trace the sender's.
untraced: Callable[[], AbstractContextManager[None]] = nullcontext

Item = TypeVar("Item")


class Sender(Generic[Item]):
    """Delivers items in order, and retries until the vendor accepts or refuses.

    put() never waits.

    deliver: sends a batch, and returns when the vendor accepted all of it. It raises Refused, Later, or any other
    exception, which is retried

    together: returns whether an item may be in the batch that begins with the first one
    """

    def __init__(
        self,
        health: VendorHealth,
        limits: Limits,
        deliver: Callable[[list[Item]], None],
        together: Callable[[Item, Item], bool] = lambda first, item: True,
    ) -> None:
        self._health = health
        self._limits = limits
        self._deliver = deliver
        self._together = together
        self._deadline: float | None = None  # set when the sender must stop
        self._stopped = False  # set when no more items are accepted
        self._thread: threading.Thread | None = None
        forks.call_in_each_process(self._begin)

    def _begin(self) -> None:
        self._queue: deque[tuple[Item, int]] = deque()  # with the bytes of each
        self._bytes = 0
        self._sending = 0
        # Reentrant: garbage that is collected while it is held may end a span, or report something.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        if self._thread and self._deadline is None:
            self.start()

    @property
    def full(self) -> bool:
        return self._bytes >= self._limits.queue_bytes

    def put(self, item: Item, size: int) -> None:
        """Add an item to the queue.

        The caller has counted it as produced.

        size: of the item, in bytes
        """
        with self._lock:  # not by the condition, whose own __enter__() takes as long as the rest
            stopped = self._stopped
            before = self._bytes
            after = before + size
            if not stopped and (after <= self._limits.queue_bytes or not self._queue):
                self._queue.append((item, size))
                self._bytes = after
                # Once per batch: the thread collects from the first item on, until the batch is full or its time is
                # over.
                if before == 0 or before < self._limits.batch_bytes <= after:
                    self._changed.notify()
                return
        self._health.dropped(1, "it was made after the stop" if stopped else "the queue is full")

    def start(self) -> None:
        # Made here and not before the fork, because Python 3.13.0 does not start a thread that was made before one. In
        # its own context, because the request that starts it ends.
        self._thread = threading.Thread(
            target=contextvars.Context().run, args=(self._run,), name=f"sametrace {self._health.vendor}", daemon=True
        )
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Deliver the queue, and count what remains as dropped.

        seconds: the longest time that it takes
        """
        with self._changed:
            self._deadline = time.monotonic() + seconds
            self._changed.notify()
        if self._thread:
            self._thread.join(seconds)
        with self._changed:
            self._stopped = True
            # A batch may be on its way; the part that does not arrive stays in `waiting`.
            on_its_way = self._sending if self._thread and self._thread.is_alive() else 0
            lost = max(0, len(self._queue) - on_its_way)
            for _ in range(lost):
                self._queue.pop()
        if lost:
            self._health.dropped(lost, "the time to stop was up")

    def _run(self) -> None:
        try:
            with untraced():
                self._deliver_all()
        except BaseException as error:
            # Nothing is sent from now on: report it as the last error in health.
            self._health.trouble(f"the sender stopped: {type(error).__name__}: {error}")
            raise

    def _deliver_all(self) -> None:
        pause = FIRST_PAUSE
        trouble = Trouble()
        while True:
            batch = self._gather()
            if not batch:
                return
            try:
                self._deliver(batch)
            except Refused as refusal:
                failed = len(batch) - refusal.sent if refusal.failed is None else refusal.failed
                self._done(refusal.sent, failed)
                self._health.failed(failed, str(refusal))
            except Exception as error:  # noqa: BLE001 - nothing ends the thread; it is seen in health
                later = error if isinstance(error, Later) else Later(f"{type(error).__name__}: {error}")
                self._done(later.sent)
                if trouble.is_over(later):
                    self._done(0, len(batch) - later.sent)
                    self._health.failed(len(batch) - later.sent, str(later))
                    continue
                self._health.trouble(str(later))
                pause = FIRST_PAUSE if later.sent else pause
                if not self._wait(pause, later.seconds):
                    return
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            else:
                self._done(len(batch))
            pause, trouble = FIRST_PAUSE, Trouble()

    def _gather(self) -> list[Item]:
        """Return the oldest items, up to one batch.

        They stay in the queue until they are delivered. Return none at the end.
        """
        limits = self._limits
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._deadline is not None)
            self._changed.wait_for(
                lambda: (
                    self._deadline is not None
                    or self._bytes >= limits.batch_bytes
                    or len(self._queue) >= limits.batch_items
                ),
                limits.seconds,
            )
            batch: list[Item] = []
            size = 0
            for item, its_size in list(islice(self._queue, limits.batch_items)):
                if batch and (size + its_size > limits.batch_bytes or not self._together(batch[0], item)):
                    break
                batch.append(item)
                size += its_size
            self._sending = len(batch)
            return batch

    def _done(self, sent: int, failed: int = 0) -> None:
        if sent:
            self._health.sent(sent)
        with self._changed:
            self._sending = 0
            for _ in range(min(sent + failed, len(self._queue))):
                self._bytes -= self._queue.popleft()[1]

    def _wait(self, pause: float, requested: float) -> bool:
        """Wait before a retry, and return whether there is time for it.

        pause: the sender's own back-off, in seconds

        requested: what the vendor requests, in seconds

        It waits for the longer of the two. A stop ends the wait early. After a stop has begun, only the pause counts.
        """
        with self._changed:
            stopping_before = self._deadline is not None
            pause = pause if stopping_before else max(pause, requested)
            self._changed.wait_for(lambda: self._deadline is not None and not stopping_before, timeout=pause)
            return self._deadline is None or time.monotonic() < self._deadline
