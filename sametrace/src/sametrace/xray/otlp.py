"""AWS X-Ray over OTLP: OpenTelemetry's spans in place of segments, sent to AWS without a daemon."""

import functools
from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

from aws_xray_sdk import global_sdk_config
from aws_xray_sdk.core import xray_recorder
from aws_xray_sdk.core.models import http
from aws_xray_sdk.core.models.trace_header import TraceHeader
from opentelemetry.sdk.trace import ReadableSpan

from sametrace import aws, settings
from sametrace.core.health import VendorHealth
from sametrace.core.request import Request
from sametrace.core.wsgi import End
from sametrace.otel.instrumentation import ServerSpans, instrument_calls
from sametrace.otel.processor import EncodingProcessor
from sametrace.otel.provider import add_processor, get_provider, is_disabled
from sametrace.otel.sending import Destination, SpanSender
from sametrace.xray.signing import RulesClient, Signature, endpoint

if TYPE_CHECKING:
    from sametrace.extension import Telemetry

VARIABLE = "AWS_REGION"
RECENT_REQUESTS = 1_000
# What AWS refuses because of its credentials is kept: they are often renewed soon.
RETRIED = frozenset({403, 408, 429})


class SpansOverOTLP:
    """Sends spans to X-Ray. No segment is made, and the app's calls of X-Ray's SDK are ignored."""

    def __init__(self, telemetry: "Telemetry", environ: Mapping[str, str], annotations: dict[str, str]) -> None:
        region = aws.region(environ)
        place = settings.url(environ, "AWS_ENDPOINT_URL_XRAY")
        self.health = VendorHealth("X-Ray", False, VARIABLE)
        if region is None or not global_sdk_config.sdk_enabled():
            return
        provider = get_provider(telemetry.service)
        if is_disabled(provider):
            return
        page = settings.local_page(place) or aws.page(region, "#xray:traces/query")
        self.health = VendorHealth("X-Ray", True, place or region, page)
        self._service = telemetry.service.name
        self._spans = ServerSpans(provider)
        self._sampled: set[int] = set()  # trace ids
        self._ended: deque[int] = deque()  # those of them whose requests ended
        # X-Ray makes the attributes in this list annotations.
        self._attributes = {**annotations, "aws.xray.annotations": list(annotations)} if annotations else {}
        xray_recorder.sampler.xray_client = RulesClient(region, place)
        xray_recorder.configure(context_missing="IGNORE_ERROR")
        instrument_calls(provider)
        processor = EncodingProcessor(self.health, self._is_sampled)
        self._sender = SigningSender(processor, self.health, place, region)
        add_processor(processor)
        telemetry.on_request(self.begin)

    def start(self) -> None:
        self._sender.start()

    def stop(self, seconds: float) -> None:
        self._sender.stop(seconds)

    def begin(self, request: Request) -> End | None:
        end_span = self._spans.begin(request)  # None if Honeycomb opened it
        facts = {"host": request.host, "method": request.method, "path": request.raw_path, "service": self._service}
        if request.span.is_recording() and xray_recorder.sampler.should_trace(facts):
            self._sampled.add(request.trace_id)
            request.span.set_attributes(self._attributes)
            request.links["aws.xray.trace_id"] = request.ids.xray
        header = TraceHeader(root=request.ids.xray).to_header_str()
        request.response_headers.append((http.XRAY_HEADER, header))
        return functools.partial(self._end, end_span)

    def _end(self, end_span: End | None, request: Request) -> None:
        if end_span:
            end_span(request)
        # Kept for a while, because another thread may end a span after its request.
        self._ended.append(request.trace_id)
        if len(self._ended) > RECENT_REQUESTS:
            self._sampled.discard(self._ended.popleft())

    def _is_sampled(self, span: ReadableSpan) -> bool:
        """Return whether X-Ray's rules sampled its request. Honeycomb receives all."""
        return span.context is not None and span.context.trace_id in self._sampled


class SigningSender(SpanSender):
    def __init__(self, processor: EncodingProcessor, health: VendorHealth, place: str | None, region: str) -> None:
        self._signature = Signature(region)
        base = place or endpoint(region)
        destination = Destination(f"{base.rstrip('/')}/v1/traces", base, {})
        super().__init__(processor, health, destination, self._signature, RETRIED)

    def unreachable(self, error: Exception) -> str:
        failed = self._signature.error
        return f"a request can't be signed: {type(failed).__name__}: {failed}" if failed else super().unreachable(error)
