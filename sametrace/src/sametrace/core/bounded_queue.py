"""A bounded queue, which is read batch by batch."""

import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import Generic, TypeVar

from sametrace.core import forks, group
from sametrace.core.delivery import Limits
from sametrace.core.health import VendorHealth

Item = TypeVar("Item")


class BoundedQueue(Generic[Item]):
    """Keeps items in order, until they are done.

    Any thread may put items into it. One thread takes batches from it.

    together: returns whether an item may be in the batch that begins with the first one
    """

    def __init__(self, health: VendorHealth, limits: Limits, together: Callable[[Item, Item], bool]) -> None:
        self._health = health
        self._limits = limits
        self._enough_bytes = limits.enough_bytes or limits.batch_bytes
        self._together = together
        self._deadline: float | None = None  # set when the queue is to be emptied, for the last time
        self._closed = False  # set when no more items are accepted
        forks.call_in_each_process(self._begin)

    def _begin(self) -> None:
        self._queue: deque[tuple[Item, int]] = deque()  # with the bytes of each
        self._bytes = 0
        self._deferred = group.Group()
        self._sending = 0  # items of the last batch, until it is done
        # Reentrant: garbage that is collected while it is held may end a span, or report something.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)

    def defer(self, put: Callable[[], None]) -> None:
        """Call a function that puts an item, later, together with others.

        The caller has counted the item as produced.
        """
        with self._lock:
            self._deferred.append(put)
            number = len(self._deferred)
            if number == 1 and not self._queue:
                self._changed.notify()
            complete = number >= group.SIZE or self._closed
        if complete:
            self._deferred.call()

    def put(self, item: Item, size: int) -> None:
        """Add an item to the queue.

        The caller has counted it as produced.

        size: of the item, in bytes
        """
        with self._lock:  # not by the condition, whose own __enter__() takes as long as the rest
            closed = self._closed
            before = self._bytes
            after = before + size
            if not closed and (after <= self._limits.queue_bytes or not self._queue):
                self._queue.append((item, size))
                self._bytes = after
                # Once per batch: the thread collects from the first item on, until there are enough bytes, or
                # its time is over.
                if before == 0 or before < self._enough_bytes <= after:
                    self._changed.notify()
                return
        self._health.dropped(1, "it was made after the stop" if closed else "the queue is full")

    def _gather(self) -> list[Item]:
        """Return the oldest items, up to one batch.

        They stay in the queue until they are delivered. Return none at the end.
        """
        while True:
            self._wait_for_items()
            self._deferred.call()
            batch = self._oldest()
            if batch or self._deadline is not None:
                return batch

    def _wait_for_items(self) -> None:
        limits = self._limits
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._deferred or self._deadline is not None)
            self._changed.wait_for(
                lambda: (
                    self._deadline is not None
                    or self._bytes >= self._enough_bytes
                    or len(self._queue) >= limits.batch_items
                ),
                limits.seconds,
            )

    def _oldest(self) -> list[Item]:
        limits = self._limits
        with self._changed:
            batch: list[Item] = []
            size = 0
            for item, its_size in list(islice(self._queue, limits.batch_items)):
                if batch and (size + its_size > limits.batch_bytes or not self._together(batch[0], item)):
                    break
                batch.append(item)
                size += its_size
            self._sending = len(batch)
            return batch

    def _done(self, sent: int, failed: int = 0, why: str = "") -> None:
        """Remove the oldest items, and count them."""
        if sent:
            self._health.sent(sent)
        with self._changed:
            self._sending = 0
            for _ in range(min(sent + failed, len(self._queue))):
                self._bytes -= self._queue.popleft()[1]
        if failed:
            self._health.failed(failed, why)

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

    def _drain_until(self, deadline: float) -> None:
        """Wait for no more items from now on, and for no retry after the deadline."""
        with self._changed:
            self._deadline = deadline
            self._changed.notify()

    def _close(self, *, keep_batch: bool) -> int:
        """Accept no more items, and drop those that are left.

        keep_batch: whether the last batch that was taken is left out

        Returns how many were dropped.
        """
        with self._changed:
            self._deferred.call()
            self._closed = True
            lost = max(0, len(self._queue) - (self._sending if keep_batch else 0))
            for _ in range(lost):
                self._queue.pop()
            return lost
