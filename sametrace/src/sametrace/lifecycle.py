"""Start and stop an app's vendors, once in each process."""

import atexit
import logging
import threading
import time
from collections.abc import Iterable

from sametrace.core import forks, logging_setup
from sametrace.vendor import Vendor

STOP_SECONDS = 5.0

logger = logging.getLogger(__name__)


class Lifecycle:
    """Starts the vendors in the process that serves, and stops them before it ends."""

    def __init__(self, vendors: Iterable[Vendor]) -> None:
        self.vendors = tuple(vendors)
        self._started = False
        self._starting = threading.Lock()

    def start(self) -> None:
        """Start the vendors, once per process.

        What is stopped can't be started again.
        """
        if self._started:
            return
        # One at a time: otherwise another early request could end before its telemetry can be queued.
        with self._starting:
            if self._started:
                return
            # Registered later, so it runs before logging's own.
            atexit.register(self.stop)
            for vendor in self.vendors:
                try:
                    vendor.start()
                except Exception as error:
                    # Telemetry never stops the app from serving. The error is in the log and in health().
                    vendor.health.trouble(f"{type(error).__name__}: {error}")
                    logger.exception("vendor_not_started", extra={"vendor": vendor.health.vendor})
            forks.call_in_each_process(self._begin)

    def _begin(self) -> None:
        """Note that the vendors run in this process.

        In a process that a view forks, each has started again by itself.
        """
        self._stopped = False
        self._stopping = threading.Lock()
        self._started = True

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Send what is queued, and stop the vendors, in parallel.

        It does nothing if start() was not called. A second call waits for the first.
        """
        if not self._started or not self._stopping.acquire(timeout=seconds):
            return
        try:
            if not self._stopped:
                self._stopped = True
                self._stop_vendors(seconds)
        finally:
            self._stopping.release()

    def _stop_vendors(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        # Daemon threads, so that a vendor that hangs past the deadline does not keep the process.
        threads = []
        for vendor in self.vendors:
            thread = threading.Thread(target=stop_vendor, args=(vendor, seconds), daemon=True)
            try:
                thread.start()
                threads.append(thread)
            except RuntimeError:  # Python 3.12 starts no thread during exit
                stop_vendor(vendor, max(0.0, deadline - time.monotonic()))
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        for vendor in self.vendors:
            lost = vendor.health.lost()
            if lost:
                logging.getLogger(logging_setup.STOPPING).warning(
                    "telemetry_lost", extra={"vendor": vendor.health.vendor, **lost}
                )


def stop_vendor(vendor: Vendor, seconds: float) -> None:
    try:
        vendor.stop(seconds)
    except Exception:
        logger.exception("vendor_not_stopped", extra={"vendor": vendor.health.vendor})
