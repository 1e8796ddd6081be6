"""The Flask extension: an app's vendors, and when they start and stop.

init_app(app)   adds hooks, but no thread and no socket: it may run in a server's master, before the fork
start()         starts threads, in the process that serves. It never raises, and never waits for a vendor
stop()          sends what is queued, to all vendors in parallel, under one deadline

sametrace.gunicorn calls the last two. Under another server, such as `flask run`, the first request calls start(), and
the end of the process calls stop().
"""

import sys
from collections.abc import Iterable
from typing import Any, Literal

from flask import Flask, appcontext_pushed

from sametrace import doctor, instances, settings
from sametrace.core import logging_setup
from sametrace.core.wsgi import Begin, RequestLayer
from sametrace.lifecycle import Lifecycle
from sametrace.service import Service
from sametrace.sigterm import stop_on_sigterm
from sametrace.trust import trust
from sametrace.vendor import Vendor

NAME = "sametrace"  # in app.extensions


class Telemetry(Lifecycle):
    """The telemetry of one or several apps: their vendors and settings.

    vendors: the vendors to use; each is on if its settings are there
    untraced: paths of health checks; requests to them are sent to no vendor
    service_name, service_version: used if OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES don't set them. The default
    name is the app's
    trust_trace_headers: in place of TRUST_TRACE_HEADERS: whether callers may set the trace id. Use True only behind a
    proxy that sets it. "frontend" uses the traceparent of a request whose Origin is frontend_url
    frontend_url: in place of FRONTEND_URL: the origin of the app's own pages

    One instance may serve several apps. Their telemetry goes to the same vendors. A process has each SDK once, so a
    second instance raises SettingError if one of its vendors is on in another instance, too.
    """

    def __init__(
        self,
        *vendors: Vendor,
        untraced: Iterable[str] = (),
        service_name: str | None = None,
        service_version: str = "unknown",
        trust_trace_headers: bool | Literal["yes", "no", "frontend"] | None = None,
        frontend_url: str | None = None,
    ) -> None:
        super().__init__(vendors)
        self.service: Service
        self.log_group: str | None = None  # where a vendor stores the log lines; other vendors may refer to it
        self._untraced = frozenset(untraced)
        self._service_name = service_name
        self._service_version = service_version
        self._given = {"TRUST_TRACE_HEADERS": trust_trace_headers, "FRONTEND_URL": frontend_url}
        self._begins: list[Begin] = []

    def init_app(self, app: Flask) -> None:
        """Set the vendors up in the app.

        Raises SettingError, which names the variable.
        """
        if NAME in app.extensions:
            raise settings.SettingError(f"{app.name} has telemetry already: call init_app() once for an app")
        environ = settings.environment(self._given)
        trusted = trust(environ)
        is_first = self not in instances.in_process
        if is_first:
            self.service = Service.read(environ, self._service_name or app.name, self._service_version)
        logging_setup.instrument(app)
        if is_first:
            # First those that another instance has: if one of them is on here, too, nothing is wired.
            for vendor in sorted(self.vendors, key=lambda vendor: not instances.is_on_elsewhere(vendor, self)):
                vendor.init_app(app, self)
                self.claim(vendor)
            instances.in_process.append(self)
        app.extensions[NAME] = self
        appcontext_pushed.connect(self._start_in_a_program, app)
        stop_on_sigterm(instances.stop_all)
        app.cli.add_command(doctor.command(lambda: self))
        RequestLayer(app, self._begins, self._untraced, trusted, self.start)

    def claim(self, vendor: Vendor) -> None:
        """Raise SettingError if this vendor is on, and is on in another instance.

        A vendor whose SDK is one to a process calls it in its init_app(), before it changes the SDK.
        """
        if vendor.health.on and instances.is_on_elsewhere(vendor, self):
            raise settings.SettingError(
                f"another Telemetry in this process has {vendor.health.vendor}, whose SDK is one to a process: "
                "call init_app() of that one for this app, too"
            )

    def on_request(self, begin: Begin) -> None:
        """Call `begin` with each request that begins.

        If it returns a function, that function is called when the request ends.
        """
        self._begins.append(begin)

    def _start_in_a_program(self, app: Flask, **_: Any) -> None:
        """Start for a command of the app, which has no request.

        sametrace.gunicorn starts each worker itself: its master may push a context while it loads the app.
        """
        appcontext_pushed.disconnect(self._start_in_a_program, app)
        if "sametrace.gunicorn" not in sys.modules:
            self.start()

    def health(self) -> dict[str, Any]:
        """Return whether each vendor is on, and its counts.

        The counts are those of all workers of the server.
        """
        return {vendor.health.vendor: vendor.health.report() for vendor in self.vendors}

    def summary(self) -> list[str]:
        """Return one line per vendor.

        It says that the vendor is on, with the destination and the page to look at, or off, with the variable that
        turns it on.
        """
        pages = [vendor.health.page for vendor in self.vendors]
        local = next((page for page in pages if page and page.startswith("http://localhost")), "")
        lines = []
        for health in (vendor.health for vendor in self.vendors):
            page = local if health.page is None else health.page
            if not health.on:
                lines.append(f"{health.vendor}: off, turned on by {health.detail}")
            else:
                lines.append(f"{health.vendor}: on, to {health.detail}" + (f", see {page}" if page else ""))
        return lines
