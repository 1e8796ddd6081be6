"""Encoded spans have the same contents as with the SDK's encoder."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sametrace.otel.encoding import span_bytes
from sametrace.otel.processor import frame
from sametrace.otel.sending import packed

TEXTS = st.text(st.characters(codec="utf-8"), max_size=300)
WHOLE = st.integers(-(2**63), 2**63 - 1)
PLAIN = st.one_of(TEXTS, WHOLE, st.booleans(), st.floats(allow_nan=False))
VALUES = st.one_of(PLAIN, st.lists(TEXTS, max_size=3), st.lists(st.booleans(), max_size=3))


def recorded(draw: Callable[[st.SearchStrategy[Any]], Any]) -> list[ReadableSpan]:
    """Spans of several scopes and resources, some nested, some failed."""
    exporter = InMemorySpanExporter()
    for service in range(draw(st.integers(1, 2))):
        provider = TracerProvider(resource=Resource({"service.name": str(service)}), shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(exporter))
        for scope in range(draw(st.integers(1, 3))):
            tracer = provider.get_tracer(f"scope {scope}", draw(st.sampled_from([None, "1.0"])))
            with (
                tracer.start_as_current_span(
                    draw(TEXTS),
                    context=draw(st.sampled_from([None, remote_parent()])),
                    kind=draw(st.sampled_from(trace.SpanKind)),
                ),
                tracer.start_as_current_span(draw(TEXTS)) as span,
            ):
                span.set_attributes(draw(st.dictionaries(TEXTS.filter(bool), VALUES, max_size=8)))
                if draw(st.booleans()):
                    span.add_event(draw(TEXTS), draw(st.dictionaries(TEXTS.filter(bool), VALUES, max_size=3)))
                if draw(st.booleans()):
                    span.record_exception(LookupError(draw(TEXTS)))
                if draw(st.booleans()):
                    span.set_status(draw(st.sampled_from(trace.StatusCode)), draw(TEXTS))
    return list(exporter.get_finished_spans())


def remote_parent() -> Any:
    state = trace.TraceState([("vendor", "value")])
    context = trace.SpanContext(2**127 + 1, 2**63 + 1, True, trace.TraceFlags(1), state)
    return trace.set_span_in_context(trace.NonRecordingSpan(context))


def as_sent(spans: list[ReadableSpan]) -> ExportTraceServiceRequest:
    encoded = [(*frame(span.resource, span.instrumentation_scope), span_bytes(span)) for span in spans]
    return ExportTraceServiceRequest.FromString(gzip.decompress(packed(encoded)))


@given(st.data())
def test_the_same_as_the_sdks(data: st.DataObject) -> None:
    """The contents equal the SDK's, whatever the span has."""
    spans = recorded(data.draw)
    assert as_sent(spans) == encode_spans(spans)


@pytest.mark.parametrize("length", [0x77, 0x78, 0x7F, 0x80, 1_000, 1_001, 40_000])
def test_texts_of_any_length(length: int) -> None:
    """Texts of every length at which OTLP, or this encoder, writes it differently are equal."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    text = "n" * length
    provider.get_tracer("t").start_span(text, attributes={"short": "s", "long": text, text: 1, "n" + text: "s"}).end()
    spans = list(exporter.get_finished_spans())

    assert as_sent(spans) == encode_spans(spans)


@pytest.mark.parametrize("limit", ["max_events", "max_event_attributes"])
def test_more_than_a_span_may_have(limit: str) -> None:
    """Dropped parts are counted, although nothing else is left of them."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(span_limits=SpanLimits(**{limit: 0}), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with provider.get_tracer("t").start_as_current_span("s") as span:
        span.add_event("dropped", {"dropped": 1})
    spans = list(exporter.get_finished_spans())

    assert as_sent(spans) == encode_spans(spans)


def test_values_that_are_equal_and_not_the_same() -> None:
    """1, True and 1.0 are the same key in a dict, and three values in OTLP."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    for value in (1, True, 1.0, "1", 1):
        provider.get_tracer("t").start_span("s", attributes={"value": value}).end()
    spans = list(exporter.get_finished_spans())

    assert as_sent(spans) == encode_spans(spans)
