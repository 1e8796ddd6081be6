"""AWS X-Ray over OTLP: OpenTelemetry's spans in place of segments.

They are sent to AWS without a daemon.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.models import http
from aws_xray_sdk.core.models.trace_header import TraceHeader
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span

from sametrace import aws, settings
from sametrace.core.health import VendorHealth
from sametrace.core.request import Request
from sametrace.core.sender import Sender
from sametrace.core.wsgi import End
from sametrace.otel.destination import Destination
from sametrace.otel.instrumentation import ServerSpans
from sametrace.otel.outgoing_calls import instrument_calls
from sametrace.otel.processor import EncodedSpan, EncodingProcessor
from sametrace.otel.provider import add_processor, get_provider
from sametrace.otel.sending import SpanSender
from sametrace.service import Service
from sametrace.xray import switch
from sametrace.xray.rules import RulesClient
from sametrace.xray.signing import Signature, endpoint

if TYPE_CHECKING:
    from sametrace.extension import Telemetry

VARIABLE = "AWS_REGION"
# What AWS refuses because of its credentials is kept: they are often renewed soon.
RETRIED = frozenset({403, 408, 429})


class SpansOverOTLP:
    """Sends spans to X-Ray.

    No segment is made, and the app's calls of X-Ray's SDK are ignored.
    """

    def __init__(self, service: Service, environ: Mapping[str, str], annotations: dict[str, str]) -> None:
        self._region = region = aws.region(environ)
        self._place = place = settings.url(environ, "AWS_ENDPOINT_URL_XRAY")
        self._service = service.name
        # X-Ray makes the attributes in this list annotations.
        self._attributes = {**annotations, "aws.xray.annotations": list(annotations)} if annotations else {}
        self.health = VendorHealth("X-Ray", False, VARIABLE)
        if region is None or not switch.is_allowed():
            return
        self._provider = get_provider(service)
        if self._provider:
            page = settings.local_page(place) or aws.page(region, "#xray:traces/query")
            self.health = VendorHealth("X-Ray", True, place or region, page)

    def wire(self, telemetry: "Telemetry") -> SpanSender:
        assert self._region
        assert self._provider
        self._spans = ServerSpans(self._provider)
        base = (self._place or endpoint(self._region)).rstrip("/")
        signature = Signature(self._region)
        xray_recorder.sampler.xray_client = RulesClient(base, signature)
        xray_recorder.configure(context_missing="IGNORE_ERROR")
        instrument_calls(self._provider)
        destination = Destination(f"{base}/v1/traces", base, {}, signature.certificates)
        sender = SpanSender(self.health, destination, signature, RETRIED)
        self._sampled = SampledSpans(self.health, sender)
        add_processor(self._sampled)
        telemetry.on_request(self.begin)
        return sender

    def begin(self, request: Request) -> End | None:
        end_span = self._spans.begin(request)  # None if Honeycomb opened it
        facts = {"host": request.host, "method": request.method, "path": request.raw_path, "service": self._service}
        span = request.span
        if span.is_recording() and (self._sampled.has(span) or xray_recorder.sampler.should_trace(facts)):
            self._sampled.add(span)
            span.set_attributes(self._attributes)
            request.links["aws.xray.trace_id"] = request.ids.xray
        header = TraceHeader(root=request.ids.xray).to_header_str()
        request.response_headers.append((http.XRAY_HEADER, header))
        return end_span


class SampledSpans(EncodingProcessor):
    """Sends the spans of the requests that X-Ray's rules sampled.

    These are the server spans, and the spans in them. Honeycomb receives all. It goes by the span and not by the trace
    id, because a caller may give many requests the same trace id.
    """

    def __init__(self, health: VendorHealth, sender: Sender[EncodedSpan]) -> None:
        super().__init__(health, sender)
        # By span id. A span leaves it when nothing can be started in it any more.
        self._spans: WeakValueDictionary[int, trace.Span] = WeakValueDictionary()

    def add(self, span: trace.Span) -> None:
        self._spans[span.get_span_context().span_id] = span

    def has(self, span: ReadableSpan | trace.Span) -> bool:
        context = span.get_span_context()
        return context is not None and not context.is_remote and context.span_id in self._spans

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        if self.has(trace.get_current_span(parent_context)):
            self.add(span)

    def wants(self, span: ReadableSpan) -> bool:
        return self.has(span)
