"""Count what was sent to each vendor, what was lost, and why."""

import logging
import threading
import time

from sametrace.core import counters, forks, redaction, shared_memory

logger = logging.getLogger(__name__)

SILENCE_SECONDS = 60


class VendorHealth:
    """Counts of one vendor's telemetry, in this worker and in all.

    Its spans, segments, lines or items that were produced are either waiting or in one of these counts:

    sent: the vendor accepted it (X-Ray: it was passed to the network; UDP gives no receipt)

    dropped: it was lost here: the queue was full, the stop's deadline passed, or the worker was killed

    failed: the vendor refused it permanently
    """

    def __init__(self, vendor: str, on: bool, detail: str, page: str | None = "") -> None:
        """Describe a vendor.

        detail: the destination, or the variable that turns it on

        page: the URL of the page to look at; "" if the settings don't say; None: another vendor's page on this machine
        shows it as well
        """
        self.vendor = vendor
        self.on = on
        self.detail = detail
        self.page = page
        forks.call_in_each_process(self._begin)

    def _begin(self) -> None:
        # Reentrant: garbage that is collected while it's held may end a span, or report something.
        self._lock = threading.RLock()
        # Besides counters, whose slot also has a former worker's counts: lost() is about this process alone.
        self._counts = dict.fromkeys(shared_memory.COUNTS, 0)
        self._shared: dict[str, memoryview] | None = None  # in this process's slot, from the first count on
        self._reported = False  # whether the log says that sending fails
        self._silent_until = 0.0

    def produced(self) -> None:
        self._add("produced", 1)

    def sent(self, number: int = 1) -> None:
        self._add("sent", number)
        if number and self._reported:
            self._reported = False
            logger.info("vendor_recovered", extra={"vendor": self.vendor})

    def dropped(self, number: int, why: str) -> None:
        self._add("dropped", number)
        self.trouble(why)

    def failed(self, number: int, why: str) -> None:
        self._add("failed", number)
        self.trouble(why)

    def trouble(self, why: str) -> None:
        """Note that sending fails.

        The log has a line when this begins, and a line when it ends. There is one at most in a minute, because a log
        line is itself sent.
        """
        why = redaction.text(why)[:300]
        with self._lock:
            counters.mine(self.vendor).note_error(why)
        if not self._reported and time.monotonic() >= self._silent_until:
            self._silent_until = time.monotonic() + SILENCE_SECONDS
            self._reported = True
            logger.warning("vendor_in_trouble", extra={"vendor": self.vendor, "why": why})

    @property
    def waiting(self) -> int:
        """Return how many wait in this worker."""
        counts = self._counts
        return counts["produced"] - counts["sent"] - counts["dropped"] - counts["failed"]

    def report(self) -> dict[str, object]:
        """Return the counts of all workers since the server started."""
        return {
            "on": self.on,
            **counters.total(self.vendor),
            "last_error": counters.last_error(self.vendor),
        }

    def lost(self) -> dict[str, int]:
        """Return what will not arrive any more, by count.

        It is for the log line when the worker stops, and is empty if everything arrived.
        """
        lost = {"dropped": self._counts["dropped"], "failed": self._counts["failed"], "unsent": self.waiting}
        return lost if any(lost.values()) else {}

    def _add(self, count: str, number: int) -> None:
        with self._lock:
            if self._shared is None:
                self._shared = shared_memory.counts_of(counters.mine(self.vendor))
            self._shared[count][0] += number
            self._counts[count] += number
