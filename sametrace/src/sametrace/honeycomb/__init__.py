"""Honeycomb: OpenTelemetry's spans, one for each request, and those that the app makes.

Honeycomb()   OTEL_EXPORTER_OTLP_ENDPOINT=https://api.honeycomb.io turns it on,
              OTEL_EXPORTER_OTLP_HEADERS=x-honeycomb-team=<your ingest key> has the key
"""

import logging
from typing import TYPE_CHECKING

from flask import Flask

from sametrace import settings
from sametrace.core import redaction
from sametrace.core.health import VendorHealth
from sametrace.otel.instrumentation import ServerSpans, instrument_calls
from sametrace.otel.processor import EncodingProcessor
from sametrace.otel.provider import add_processor, get_provider, is_disabled
from sametrace.otel.sending import Destination, SpanSender, ignored, of_traces
from sametrace.otel.stdout import stdout_processor

if TYPE_CHECKING:
    from sametrace.doctor.examination import Examination, Probe
    from sametrace.extension import Telemetry

logger = logging.getLogger(__name__)

VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"
PAGES = {
    "https://api.honeycomb.io": "https://ui.honeycomb.io",
    "https://api.eu1.honeycomb.io": "https://ui.eu1.honeycomb.io",
}


class Honeycomb:
    """endpoint, headers: in place of OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_HEADERS
    console: whether each span is printed to stdout as well, in place of OTEL_TRACES_CONSOLE
    """

    def __init__(self, *, endpoint: str | None = None, headers: str | None = None, console: bool | None = None) -> None:
        self._given = {
            VARIABLE: endpoint,
            "OTEL_EXPORTER_OTLP_HEADERS": headers,
            "OTEL_TRACES_CONSOLE": None if console is None else "yes" if console else "no",
        }
        self._sender: SpanSender | None = None

    def init_app(self, app: Flask, telemetry: "Telemetry") -> None:
        environ = settings.environment(self._given)
        destination = Destination.read(environ)
        console = settings.yes_or_no(environ, "OTEL_TRACES_CONSOLE")
        self.health = VendorHealth("Honeycomb", False, VARIABLE)
        if not destination and not console:
            return
        provider = get_provider(telemetry.service)
        if is_disabled(provider):
            return
        telemetry.on_request(ServerSpans(provider).begin)
        instrument_calls(provider)
        if console:
            add_processor(stdout_processor())
        if destination:
            for name in ignored(environ):
                logger.warning("setting_ignored", extra={"variable": name, "why": "spans leave as protobuf over HTTP"})
            redaction.hide(*settings.keys_of_headers(of_traces(environ, "HEADERS") or ""))
            self.health = VendorHealth("Honeycomb", True, destination.page, page(destination))
            processor = EncodingProcessor(self.health)
            self._sender = SpanSender(processor, self.health, destination)
            add_processor(processor)

    def start(self) -> None:
        if self._sender:
            self._sender.start()

    def stop(self, seconds: float) -> None:
        if self._sender:
            self._sender.stop(seconds)

    def examine(self, probe: "Probe") -> "Examination":
        from sametrace.honeycomb import doctor  # noqa: PLC0415 - for `flask doctor` alone

        return doctor.examine(settings.environment(self._given), probe)


def page(destination: Destination) -> str:
    return PAGES.get(destination.origin, "") or settings.local_page(destination.url)
