"""Honeycomb: the server span of each request, and the app's own spans.

Honeycomb()   HONEYCOMB_API_KEY=<your ingest key> turns it on. OpenTelemetry's own variables override it:
              OTEL_EXPORTER_OTLP_ENDPOINT=https://api.honeycomb.io turns it on,
              OTEL_EXPORTER_OTLP_HEADERS=x-honeycomb-team=<your ingest key> has the key
"""

import logging
from typing import TYPE_CHECKING

from flask import Flask

from sametrace import settings
from sametrace.core import redaction
from sametrace.core.health import VendorHealth
from sametrace.extras import require
from sametrace.honeycomb.api_key import KEY_VARIABLE, PAGES, VARIABLE, with_api_key
from sametrace.otel import of_traces

if TYPE_CHECKING:
    from sametrace.doctor.examination import Examination, Probe
    from sametrace.extension import Telemetry
    from sametrace.otel.sending import SpanSender

require(
    "honeycomb",
    "opentelemetry.exporter.otlp.proto.common",
    "opentelemetry.instrumentation.requests",
    "opentelemetry.instrumentation.wsgi",
    "opentelemetry.sdk",
)

logger = logging.getLogger(__name__)

TURNED_ON_BY = f"{KEY_VARIABLE} or {VARIABLE}"
LOST = "the app's own spans go there, and not to this vendor."


class Honeycomb:
    """Sends OpenTelemetry's spans to Honeycomb.

    api_key: in place of HONEYCOMB_API_KEY
    endpoint, headers: in place of OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS
    console: whether each span is printed to stdout as well, in place of OTEL_TRACES_CONSOLE
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        endpoint: str | None = None,
        headers: str | None = None,
        console: bool | None = None,
    ) -> None:
        self._given = {
            KEY_VARIABLE: api_key,
            VARIABLE: endpoint,
            "OTEL_EXPORTER_OTLP_HEADERS": headers,
            "OTEL_TRACES_CONSOLE": console,
        }
        self._sender: SpanSender | None = None
        self._trouble = ""

    def init_app(self, app: Flask, telemetry: "Telemetry") -> None:
        environ = with_api_key(settings.environment(self._given))
        # Also where it isn't sent, because OpenTelemetry's own variables win.
        redaction.hide(environ.get(KEY_VARIABLE, ""))
        console = settings.yes_or_no(environ, "OTEL_TRACES_CONSOLE")
        self.health = VendorHealth("Honeycomb", False, TURNED_ON_BY)
        if not of_traces(environ, "ENDPOINT") and not console:
            return
        from sametrace.otel.destination import Destination, ignored  # noqa: PLC0415 - only where it is on
        from sametrace.otel.instrumentation import ServerSpans  # noqa: PLC0415
        from sametrace.otel.outgoing_calls import instrument_calls  # noqa: PLC0415
        from sametrace.otel.processor import EncodingProcessor  # noqa: PLC0415
        from sametrace.otel.provider import add_processor, get_provider, not_joined  # noqa: PLC0415
        from sametrace.otel.sending import SpanSender  # noqa: PLC0415
        from sametrace.otel.stdout import stdout_processor  # noqa: PLC0415

        destination = Destination.read(environ)
        provider = get_provider(telemetry.service)
        if provider is None:
            return
        if destination:
            page = PAGES.get(destination.origin, "") or settings.local_page(destination.url)
            self.health = VendorHealth("Honeycomb", True, destination.page, page)
        telemetry.claim(self)
        telemetry.on_request(ServerSpans(provider).begin)
        instrument_calls(provider)
        if console:
            add_processor(stdout_processor())
        if destination:
            for name in ignored(environ):
                logger.warning("setting_ignored", extra={"variable": name, "why": "spans leave as protobuf over HTTP"})
            redaction.hide(*settings.keys_of_headers(of_traces(environ, "HEADERS") or ""))
            self._sender = SpanSender(self.health, destination)
            add_processor(EncodingProcessor(self.health, self._sender))
            if other := not_joined():
                self._trouble = f"{other}, a tracer provider that isn't of OpenTelemetry's SDK, was set first: {LOST}"

    def start(self) -> None:
        if self._sender:
            self._sender.start()
            if self._trouble:
                self.health.trouble(self._trouble)

    def stop(self, seconds: float) -> None:
        if self._sender:
            self._sender.stop(seconds)

    def examine(self, probe: "Probe") -> "Examination":
        from sametrace.doctor.mistakes import Mistake  # noqa: PLC0415 - for `flask doctor` alone
        from sametrace.honeycomb import doctor  # noqa: PLC0415

        found = doctor.examine(settings.environment(self._given), probe)
        if self._trouble:
            found.mistakes.append(Mistake(self._trouble))
        return found
