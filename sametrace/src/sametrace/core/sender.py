"""The sender: a bounded queue, and the one thread that empties it batch by batch."""

import contextvars
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from sametrace.core.bounded_queue import BoundedQueue, Item
from sametrace.core.delivery import Later, Limits, Refused
from sametrace.core.health import VendorHealth

FIRST_PAUSE = 0.2  # seconds before the first retry, doubled up to LONGEST_PAUSE
LONGEST_PAUSE = 2.0
GIVE_UP_SECONDS = 600.0

# Each sender's thread enters it: an SDK that traces outgoing calls sets it, so that it doesn't trace the sender's.
untraced: Callable[[], AbstractContextManager[None]] = nullcontext


class Sender(BoundedQueue[Item]):
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
        self._deliver = deliver
        self._thread: threading.Thread | None = None
        super().__init__(health, limits, together)

    def _begin(self) -> None:
        super()._begin()
        if self._thread and self._deadline is None:
            self.start()

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
        self._drain_until(time.monotonic() + seconds)
        if self._thread:
            self._thread.join(seconds)
        # A batch may be on its way; the part that does not arrive stays in `waiting`.
        lost = self._close(keep_batch=self._thread is not None and self._thread.is_alive())
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
        # Why the vendor doesn't accept a batch, and since when it has given that reason
        pause, why, since = FIRST_PAUSE, "", 0.0
        while batch := self._gather():
            try:
                self._deliver(batch)
            except Refused as refusal:
                self._done(refusal.sent, len(batch) - refusal.sent, str(refusal))
            except Exception as error:  # noqa: BLE001 - nothing ends the thread; it is seen in health
                later = error if isinstance(error, Later) else Later(f"{type(error).__name__}: {error}")
                self._done(later.sent)
                if str(later) != why or not later.responded or later.sent:
                    why, since = str(later), time.monotonic()
                elif time.monotonic() - since >= GIVE_UP_SECONDS:
                    self._done(0, len(batch), why)
                    continue
                self._health.trouble(why)
                pause = FIRST_PAUSE if later.sent else pause
                if not self._wait(pause, later.seconds):
                    return
                pause = min(2 * pause, LONGEST_PAUSE)
                continue
            else:
                self._done(len(batch))
            pause, why = FIRST_PAUSE, ""
