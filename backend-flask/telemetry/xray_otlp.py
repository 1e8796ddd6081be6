"""AWS X-Ray over OTLP: OpenTelemetry's spans in place of segments, to AWS's own endpoint, without a daemon."""

from collections import deque
from weakref import WeakValueDictionary

from aws_xray_sdk import global_sdk_config
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.models import http
from aws_xray_sdk.core.models.trace_header import TraceHeader
from flask import Flask, Response, request
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

import vendor_pages
from config import Settings
from telemetry import trace_id
from telemetry.health import VendorHealth
from telemetry.otlp_export import PatientExporter
from telemetry.otlp_processor import CountingProcessor
from telemetry.xray_rules import local_rules
from telemetry.xray_signed import RulesClient, SignedExporter

# What the group in aws/json/xray-group.json goes by. The list has X-Ray make an annotation of it.
ANNOTATIONS = {"application": "cruddur", "aws.xray.annotations": ["application"]}
RECENT_REQUESTS = 1_000


class XRayOverOTLP:
    """No segment is made: what a service asks of X-Ray's SDK comes to nothing, and its span is what X-Ray gets."""

    def __init__(self, settings: Settings) -> None:
        disabled = isinstance(trace.get_tracer(__name__), trace.NoOpTracer) or not global_sdk_config.sdk_enabled()
        region = None if disabled else settings.aws_region
        self.health = VendorHealth(
            "X-Ray", region is not None, settings.xray_endpoint or region or "AWS_REGION", vendor_pages.xray(settings)
        )
        self._settings = settings
        self._sampled: WeakValueDictionary[int, trace.Span] = WeakValueDictionary()
        self._exporter: SignedExporter | None = None
        if region is None:
            global_sdk_config.set_sdk_enabled(False)
            return
        xray_recorder.sampler.xray_client = RulesClient(region, settings.xray_endpoint)
        xray_recorder.configure(
            service=settings.service_name,
            context_missing="IGNORE_ERROR",
            sampling_rules=local_rules(settings.xray_sampling_rule),
        )

    def instrument(self, app: Flask) -> None:
        if not self.health.on:
            return

        @app.before_request
        def decide() -> None:
            span = trace.get_current_span()
            facts = {"host": request.host, "method": request.method, "path": request.path}
            sampler = xray_recorder.sampler
            if span.is_recording() and sampler.should_trace({**facts, "service": self._settings.service_name}):
                # The entry goes soon after the server span does, so nothing has to be cleared away.
                self._sampled[span.get_span_context().trace_id] = span
                span.set_attributes(ANNOTATIONS)
                trace_id.link(**{"aws.xray.trace_id": trace_id.current().xray})

        @app.after_request
        def tell(response: Response) -> Response:
            if request.path != trace_id.UNTRACED_PATH:
                response.headers[http.XRAY_HEADER] = TraceHeader(root=trace_id.current().xray).to_header_str()
            return response

    def start(self) -> None:
        provider = trace.get_tracer_provider()
        if self.health.on and isinstance(provider, TracerProvider):
            self._exporter = SignedExporter(self._settings, self.health)
            self._processor = SampledProcessor(self._exporter, self.health, self._sampled)
            provider.add_span_processor(self._processor)
            xray_recorder.sampler.start()

    def stop(self, seconds: float) -> None:
        if self._exporter:
            self._exporter.give_up_after(seconds)
            self._processor.shutdown()


class SampledProcessor(CountingProcessor):
    """Passes on the spans of the requests that X-Ray's rules took. (Honeycomb gets all of them.)"""

    def __init__(
        self, exporter: PatientExporter, health: VendorHealth, sampled: WeakValueDictionary[int, trace.Span]
    ) -> None:
        super().__init__(exporter, health)
        self._sampled = sampled
        self._ended: deque[ReadableSpan] = deque(maxlen=RECENT_REQUESTS)

    def on_end(self, span: ReadableSpan) -> None:
        if span.context and span.context.trace_id in self._sampled:
            if span.kind is trace.SpanKind.SERVER:
                self._ended.append(span)  # kept for a moment, because another thread may end a span after it
            super().on_end(span)
