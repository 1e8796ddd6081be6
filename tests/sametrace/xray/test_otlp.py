"""Over OTLP, X-Ray receives the spans of sampled requests."""

import gc

import pytest
from opentelemetry import context, trace
from opentelemetry.proto.trace.v1 import trace_pb2
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, Tracer
from sametrace.core.delivery import Limits
from sametrace.core.health import VendorHealth
from sametrace.core.sender import Sender
from sametrace.otel.processor import EncodedSpan
from sametrace.xray.otlp import SampledSpans


class Sampling:
    """A tracer, and the spans that X-Ray receives from it."""

    def __init__(self) -> None:
        health = VendorHealth("X-Ray", on=True, detail="")
        self._sent: list[str] = []
        self._sender = Sender(health, Limits(1_000_000, 100_000, seconds=0.0), self._deliver)
        self.spans = SampledSpans(health, self._sender)
        self._provider = TracerProvider(shutdown_on_exit=False)
        self._provider.add_span_processor(self.spans)

    @property
    def tracer(self) -> Tracer:
        return self._provider.get_tracer("shop")

    def sent(self) -> list[str]:
        self._sender.start()
        self._sender.stop(10)
        return sorted(self._sent)

    def _deliver(self, batch: list[EncodedSpan]) -> None:
        self._sent += [trace_pb2.Span.FromString(span).name for _, _, span in batch]


@pytest.fixture
def sampling() -> Sampling:
    return Sampling()


def from_a_caller(number: int) -> context.Context:
    """Return the context of a request whose caller sends this trace id and span id."""
    of_caller = SpanContext(number, number, is_remote=True, trace_flags=TraceFlags(1))
    return trace.set_span_in_context(NonRecordingSpan(of_caller), context.Context())


def test_each_request_of_a_trace_is_sampled_by_itself(sampling: Sampling) -> None:
    """A caller that repeats a sampled request's trace id, or its span's id, gains nothing."""
    first = sampling.tracer.start_span("sampled", from_a_caller(7))
    sampling.spans.add(first)
    of_first = first.get_span_context()
    forged = SpanContext(of_first.trace_id, of_first.span_id, is_remote=True, trace_flags=TraceFlags(1))
    sampling.tracer.start_span("not sampled", from_a_caller(7)).end()
    sampling.tracer.start_span("forged", trace.set_span_in_context(NonRecordingSpan(forged), context.Context())).end()
    first.end()

    assert sampling.sent() == ["sampled"]


def test_the_spans_of_a_sampled_request(sampling: Sampling) -> None:
    """A sampled request's spans are sent at any depth, by span or context, also if they begin after its end."""
    request = sampling.tracer.start_span("request", context.Context())
    sampling.spans.add(request)
    inside = trace.set_span_in_context(request, context.Context())
    child = sampling.tracer.start_span("child", inside)
    sampling.tracer.start_span("grandchild", trace.set_span_in_context(child, inside)).end()
    by_context = trace.set_span_in_context(NonRecordingSpan(request.get_span_context()), context.Context())
    sampling.tracer.start_span("of another thread", by_context).end()
    child.end()
    request.end()
    sampling.tracer.start_span("late", inside).end()

    assert sampling.sent() == ["child", "grandchild", "late", "of another thread", "request"]


def test_many_requests_of_one_trace(sampling: Sampling) -> None:
    """A long request is sent, however many others of its trace ended. Nothing is kept of those."""
    long = sampling.tracer.start_span("long", from_a_caller(7))
    sampling.spans.add(long)
    for _ in range(2_000):
        short = sampling.tracer.start_span("short", from_a_caller(7))
        sampling.spans.add(short)
        short.end()
    sampling.tracer.start_span("child", trace.set_span_in_context(long, context.Context())).end()
    long.end()
    sent = sampling.sent()
    assert [name for name in sent if name != "short"] == ["child", "long"]

    del long, short
    gc.collect()
    assert len(sampling.spans._spans) == 0
