"""How many spans go into a request to Honeycomb, and what each says."""

import os

from opentelemetry.proto.trace.v1 import trace_pb2
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, SpanLimits, TracerProvider
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from telemetry import otlp_requests
from telemetry.health import VendorHealth
from telemetry.otlp_export import PatientExporter
from telemetry.otlp_processor import CountingProcessor
from telemetry.otlp_requests import EncodedSpan
from vendors import Vendors


def of_size(size: int) -> EncodedSpan:
    return EncodedSpan(Resource({}), InstrumentationScope("test"), bytes(size))


def test_a_request_is_no_longer_than_it_may_be() -> None:
    """Whatever the spans hold: an exception's stack may be long. All are sent, in order."""
    half = otlp_requests.MOST_BYTES // 2
    spans = [of_size(size) for size in (1, half, half - 1, 1, 2 * half + 1, 3, half)]
    parts = list(otlp_requests.parts(spans))
    assert [[len(span.span) for span in part] for part in parts] == [
        [1, half, half - 1],
        [1],
        [2 * half + 1],
        [3, half],
    ]
    assert [span for part in parts for span in part] == spans


def test_what_a_failed_span_dropped_is_told() -> None:
    """By its counts, though its events are others when their texts are redacted."""
    provider = TracerProvider(shutdown_on_exit=False, span_limits=SpanLimits(max_events=1, max_span_attributes=2))
    span = provider.get_tracer(__name__).start_span("many", attributes={"a": 1, "b": 2, "c": 3})
    for _ in range(3):
        span.add_event("one of many")
    assert isinstance(span, Span)
    told = trace_pb2.Span.FromString(otlp_requests.encoded(otlp_requests.redacted(span)).span)
    assert (len(told.events), told.dropped_events_count) == (1, 2)
    assert (len(told.attributes), told.dropped_attributes_count) == (2, 1)


def test_a_forked_process_sends_its_own_spans() -> None:
    """And its parent the parent's, those that waited at the fork among them; each once."""
    with Vendors() as vendors:
        health = VendorHealth("Honeycomb", on=True, detail="")
        exporter = PatientExporter(vendors.environ()["OTEL_EXPORTER_OTLP_ENDPOINT"], health)
        processor = CountingProcessor(exporter, health)
        provider = TracerProvider(shutdown_on_exit=False)
        provider.add_span_processor(processor)
        tracer = provider.get_tracer(__name__)
        tracer.start_span("of the parent").end()
        child = os.fork()
        if not child:
            tracer.start_span("of the child").end()
            os._exit(not processor.force_flush())
        assert os.waitpid(child, 0)[1] == 0
        provider.shutdown()
        vendors.wait_for(lambda: len(vendors.spans) == 2, why="both spans")
    assert sorted(span["name"] for span in vendors.spans) == ["of the child", "of the parent"]
