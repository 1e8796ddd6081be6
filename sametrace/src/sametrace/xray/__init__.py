"""AWS X-Ray: a segment for each request, sent to the X-Ray daemon.

XRay()   AWS_XRAY_DAEMON_ADDRESS=127.0.0.1:2000 turns it on; with XRAY_EXPORTER=otlp, a region does

With XRAY_EXPORTER=otlp, it sends spans over OTLP instead: see xray/otlp.py.
"""

import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask

from sametrace import aws, settings
from sametrace.core import redaction
from sametrace.core.health import VendorHealth
from sametrace.extras import MissingExtra
from sametrace.xray.address import VARIABLE, daemon_address, tcp_url

daemon_address(settings.environment())  # before the SDK reads it: the SDK's error doesn't name the variable

try:
    from sametrace.xray.rules import RulesClient, clients_of_daemon

    with clients_of_daemon():
        from aws_xray_sdk.core import patch, xray_recorder
except ImportError as missing:
    raise MissingExtra("xray", missing) from missing

from sametrace.xray import switch
from sametrace.xray.context import RequestContext
from sametrace.xray.instrumentation import Segments
from sametrace.xray.sampling import local_rules
from sametrace.xray.sending import SegmentEmitter
from sametrace.xray.streaming import Streaming
from sametrace.xray.templates import trace_templates

if TYPE_CHECKING:
    from sametrace.core.sender import Sender
    from sametrace.doctor.examination import Examination, Probe
    from sametrace.extension import Telemetry


class XRay:
    """Sends segments, or spans over OTLP, to AWS X-Ray.

    daemon_address, exporter, sampling_rule, url: in place of AWS_XRAY_DAEMON_ADDRESS, XRAY_EXPORTER, XRAY_SAMPLING_RULE
    and AWS_XRAY_URL

    annotations: the annotations of each segment; a group in AWS can filter by them
    """

    def __init__(
        self,
        *,
        daemon_address: str | None = None,
        exporter: str | None = None,
        sampling_rule: str | Path | None = None,
        url: str | None = None,
        annotations: Mapping[str, str] | None = None,
    ) -> None:
        self._given = {
            VARIABLE: daemon_address,
            "XRAY_EXPORTER": exporter,
            "XRAY_SAMPLING_RULE": sampling_rule,
            "AWS_XRAY_URL": url,
        }
        self._annotations = dict(annotations or {})
        self._sender: Sender[Any] | None = None

    def init_app(self, app: Flask, telemetry: "Telemetry") -> None:
        environ = settings.environment(self._given)
        redaction.hide(*aws.keys(environ))
        rule = settings.file(environ, "XRAY_SAMPLING_RULE")
        rules = local_rules(rule) if rule else None
        address = daemon_address(environ)
        over_otlp = None
        if settings.one_of(environ, "XRAY_EXPORTER", ("daemon", "otlp")) == "otlp":
            try:
                from sametrace.xray.otlp import SpansOverOTLP  # noqa: PLC0415 - it needs OpenTelemetry as well
            except ImportError as missing:
                raise MissingExtra("xray-otlp", missing) from missing
            over_otlp = SpansOverOTLP(telemetry.service, environ, self._annotations)
            self.health = over_otlp.health
        else:
            on = address is not None and switch.is_allowed()
            self.health = VendorHealth("X-Ray", on, address or VARIABLE, page(environ))
        if not self.health.on:
            switch.turn_off()
            return
        telemetry.claim(self)
        switch.turn_on()
        # Its warnings are about calls outside a segment, such as the other vendors' own requests.
        logging.getLogger("aws_xray_sdk").setLevel(logging.ERROR)
        # and not AWS_XRAY_TRACING_NAME, which the other vendors don't read
        xray_recorder.service = telemetry.service.name
        # Before configure(), which would make botocore's.
        xray_recorder.sampler.xray_client = RulesClient(tcp_url(environ))
        if rules:
            xray_recorder.configure(sampling_rules=rules)
        if over_otlp:
            self._sender = over_otlp.wire(telemetry)
        elif address:
            self._wire_daemon(address, environ, telemetry)

    def _wire_daemon(self, address: str, environ: Mapping[str, str], telemetry: "Telemetry") -> None:
        os.environ[VARIABLE] = address  # noqa: TID251 - the SDK reads it here, and not its own argument
        self._sender = SegmentEmitter(address, self.health)
        xray_recorder.configure(
            context=RequestContext(),
            daemon_address=address,
            dynamic_naming=environ.get("AWS_XRAY_URL"),
            emitter=self._sender,
            streaming=Streaming(),
        )
        patch(("requests",))
        trace_templates(xray_recorder, telemetry)
        telemetry.on_request(Segments(xray_recorder, self._sender, self.health, telemetry, self._annotations).begin)

    def start(self) -> None:
        if self._sender:
            self._sender.start()
            # Polls the rules made in AWS from now on, not from the first request on.
            xray_recorder.sampler.start()

    def stop(self, seconds: float) -> None:
        if self._sender:
            self._sender.stop(seconds)

    def examine(self, probe: "Probe") -> "Examination":
        from sametrace.xray import doctor  # noqa: PLC0415 - for `flask doctor` alone

        return doctor.examine(settings.environment(self._given), self._annotations, probe)


def page(environ: Mapping[str, str]) -> str | None:
    """Return X-Ray's page in AWS's console.

    It is None for a daemon on this machine, whose address does not name a page.
    """
    host = urlsplit(tcp_url(environ)).hostname
    return None if settings.is_this_machine(host) else aws.page(aws.region(environ), "#xray:traces/query")
