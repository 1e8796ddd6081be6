"""Rollbar: an item for each unhandled exception, and for what the app reports.

Rollbar()   ROLLBAR_ACCESS_TOKEN turns it on
"""

import sys
from typing import TYPE_CHECKING

from flask import Flask

from sametrace import settings
from sametrace.core import redaction
from sametrace.core.health import VendorHealth
from sametrace.extras import MissingExtra

try:
    import rollbar
    from rollbar.lib import events
except ImportError as missing:
    raise MissingExtra("rollbar", missing) from missing

from sametrace.rollbar.instrumentation import Reports, describe
from sametrace.rollbar.sending import ItemSender

if TYPE_CHECKING:
    from sametrace.doctor.examination import Examination, Probe
    from sametrace.extension import Telemetry

VARIABLE = "ROLLBAR_ACCESS_TOKEN"
ENDPOINT = "https://api.rollbar.com/api/1/"
PAGE = "https://rollbar.com"


class Rollbar:
    """Sends items to Rollbar.

    access_token, endpoint: in place of ROLLBAR_ACCESS_TOKEN and ROLLBAR_ENDPOINT
    """

    def __init__(self, *, access_token: str | None = None, endpoint: str | None = None) -> None:
        self._given = {VARIABLE: access_token, "ROLLBAR_ENDPOINT": endpoint}
        self._reports: Reports | None = None

    def init_app(self, app: Flask, telemetry: "Telemetry") -> None:
        environ = settings.environment(self._given)
        token = environ.get(VARIABLE)
        endpoint = settings.url(environ, "ROLLBAR_ENDPOINT") or ENDPOINT
        page = settings.local_page(endpoint) or (PAGE if "//api.rollbar.com/" in endpoint else "")
        self.health = VendorHealth("Rollbar", token is not None, endpoint if token else VARIABLE, page)
        if not token:
            # The app's reports are ignored, unless it, or another Telemetry, has set the SDK up. Not by rollbar.init(),
            # which can be called once.
            if not rollbar.SETTINGS.get("access_token"):
                rollbar.SETTINGS["enabled"] = False
            return
        telemetry.claim(self)
        redaction.hide(token)
        rollbar.init(
            access_token=token,
            enabled=True,
            environment=telemetry.service.environment,
            code_version=telemetry.service.version,
            root=app.root_path,
            endpoint=endpoint,
            allow_logging_basic_config=False,
            locals={"enabled": False},  # they contain what users typed
            suppress_reinit_warning=True,
        )
        self._sender = ItemSender(self.health, endpoint, token)
        # The SDK walks through all frames of an exception several times, for fields with a password's name. Without
        # locals, frames have none. What the app adds can have some: Reports checks that.
        scrubbing, rollbar._transforms = getattr(rollbar, "_transforms", []), []
        self._reports = Reports(self._sender, self.health, scrubbing)
        rollbar.BASE_DATA_HOOK = describe
        # Called with each item, after the app's own handlers, which may ignore it. It returns False, so the SDK doesn't
        # start a thread to send it.
        events.add_payload_handler(self._reports.take, pos=sys.maxsize)
        telemetry.on_request(self._reports.begin)

    def start(self) -> None:
        if self._reports:
            self._sender.start()

    def stop(self, seconds: float) -> None:
        if self._reports:
            self._reports.flush()
            self._sender.stop(seconds)

    def examine(self, probe: "Probe") -> "Examination":
        from sametrace.rollbar import doctor  # noqa: PLC0415 - for `flask doctor` alone

        return doctor.examine(settings.environment(self._given), probe)
