"""The vendors, in the order in which a request meets them, and their life in a process.

    instrument(app, settings)   hooks only, no thread, no socket: it may run in a server's master, before the fork
    start()                     threads, in the process that serves. Never raises, never waits for a vendor
    stop()                      sends what waits, all vendors at once, under one deadline

gunicorn.conf.py calls the last two. Under another server, such as `flask run`, the first request starts, and the end of
the process stops.

A fifth vendor is a file with a class like these four, and an entry in VENDORS. The SDKs are one to a process, and so is
what is kept here: the settings of the first app hold.
"""

import atexit
import gc
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Protocol

from flask import Flask

from config import Settings
from telemetry import access_log, callers, forks, log_lines, redaction, xray
from telemetry.cloudwatch import CloudWatchLogs
from telemetry.health import VendorHealth
from telemetry.honeycomb import Honeycomb
from telemetry.rollbar import Rollbar

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

STOP_SECONDS = 5.0
GARBAGE_OBJECTS = 2_000  # before it's looked for: as Python 3.13 has it; before that it was 700

logger = logging.getLogger(__name__)


class Vendor(Protocol):
    health: VendorHealth

    def instrument(self, app: Flask) -> None:
        """Hook into the app."""

    def start(self) -> None:
        """Begin to send."""

    def stop(self, seconds: float) -> None:
        """Send what waits, for so many seconds at the most."""


VENDORS: tuple[Callable[[Settings], Vendor], ...] = (Honeycomb, xray.by_settings, CloudWatchLogs, Rollbar)

_vendors: list[Vendor] = []
_started_in: int | None = None  # the process that start() was called in
_stopped_in: int | None = None
_starting = threading.Lock()


def instrument(app: Flask, settings: Settings) -> None:
    if not _vendors:
        redaction.hide(settings.keys)
        _vendors.extend(vendor(settings) for vendor in VENDORS)
    log_lines.instrument()
    access_log.instrument(app)
    for vendor in _vendors:
        vendor.instrument(app)
    # Last, so that its WSGI layer is the outermost: no vendor sees a header that it drops.
    callers.instrument(app, settings.trust_trace_headers)
    serve = app.wsgi_app

    def serve_started(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if _started_in is None:
            start()
        return serve(environ, start_response)

    app.wsgi_app = serve_started  # type: ignore[method-assign]
    app.extensions["health"] = lambda: {
        "status": "ok",
        "version": settings.version,
        "worker": os.getpid(),
        "vendors": {vendor.health.vendor: vendor.health.report() for vendor in _vendors},
    }


def start() -> None:
    """Once in a process: what was stopped can't be started again."""
    # One at a time: another request of the first moment would end before there is anything to take its telemetry.
    with _starting:
        if _started_in == os.getpid():
            return
        # For whoever doesn't call it. Later registered, it runs before logging's own, which waits for CloudWatch Logs.
        atexit.register(stop)
        for vendor in _vendors:
            try:
                vendor.start()
            except Exception as error:
                # Telemetry never keeps the API from serving; what is wrong is seen here and at /api/health.
                vendor.health.trouble(f"{type(error).__name__}: {error}")
                logger.exception("vendor_not_started", extra={"vendor": vendor.health.vendor})
        # What is there by now stays: to look through it for garbage, every few requests, costs each a tenth.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GARBAGE_OBJECTS)
        forks.begin_anew(_begin)


def _begin() -> None:
    """Here, and in a process that a view forks, whose telemetry begins anew by itself."""
    global _started_in  # noqa: PLW0603
    _started_in = os.getpid()


def stop(seconds: float = STOP_SECONDS) -> None:
    """Does nothing where start() wasn't called, nor the second time: worker_exit and the end of the process call it."""
    global _stopped_in  # noqa: PLW0603
    if _started_in != os.getpid() or _stopped_in == os.getpid():
        return
    _stopped_in = os.getpid()
    deadline = time.monotonic() + seconds
    # Daemons, so that a vendor that hangs past the deadline doesn't keep the process.
    threads = []
    for vendor in _vendors:
        thread = threading.Thread(target=vendor.stop, args=(seconds,), daemon=True)
        try:
            thread.start()
            threads.append(thread)
        except RuntimeError:  # Python 3.12 starts no thread at exit
            vendor.stop(max(0.0, deadline - time.monotonic()))
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    for vendor in _vendors:
        lost = vendor.health.lost()
        if lost:
            logging.getLogger(log_lines.AT_THE_STOP).warning(
                "telemetry_lost", extra={"vendor": vendor.health.vendor, **lost}
            )


def summary(url: str) -> list[str]:
    """What there is to open: the API, which is at this URL; and a line a vendor: on, where to, and the page to look at
    it; or off, and which variable turns it on. `flask doctor` tells whether it works.
    """
    lines = [f"Cruddur's API: see {url}/api/docs; `make doctor` tests the four below"]
    for health in (vendor.health for vendor in _vendors):
        if not health.on:
            lines.append(f"{health.vendor}: off, turned on by {health.detail}")
        else:
            lines.append(f"{health.vendor}: on, to {health.detail}" + (f", see {health.page}" if health.page else ""))
    return lines
