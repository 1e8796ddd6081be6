"""Ended spans wait in the queue in encoded form."""

from collections.abc import Callable

import pytest
from opentelemetry.proto.trace.v1 import trace_pb2
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanLimits, TracerProvider, sampling
from opentelemetry.trace import Tracer
from sametrace.core import redaction
from sametrace.core.delivery import Limits
from sametrace.core.health import VendorHealth
from sametrace.core.sender import Sender
from sametrace.otel.encoding import span_bytes
from sametrace.otel.processor import EncodedSpan, EncodingProcessor

from forking import exit_status_of_a_child
from waiting import wait_until

HELD = Limits(queue_bytes=100_000, batch_bytes=100_000, seconds=86_400)


class Processing:
    """A processor whose sender keeps the delivered spans."""

    def __init__(self, limits: Limits = HELD, wanted: Callable[[ReadableSpan], bool] = lambda span: True) -> None:
        self.spans: list[str] = []
        self.health = VendorHealth("Honeycomb", on=True, detail="")
        self.sender = Sender(self.health, limits, self._deliver)
        self.processor = EncodingProcessor(self.health, self.sender)
        self.processor.wants = wanted  # type: ignore[method-assign]

    def _deliver(self, batch: list[EncodedSpan]) -> None:
        self.spans += [trace_pb2.Span.FromString(span).name for _, _, span in batch]

    def tracer(self, name: str = __name__, **named: object) -> Tracer:
        provider = TracerProvider(shutdown_on_exit=False, **named)  # type: ignore[arg-type]
        provider.add_span_processor(self.processor)
        return provider.get_tracer(name)


def test_spans_are_sent_in_the_order_of_their_ends() -> None:
    """Spans are sent in the order of their ends, also at the stop."""
    processing = Processing()
    tracer = processing.tracer()
    processing.sender.start()
    names = [f"span {number}" for number in range(35)]
    for name in names:
        tracer.start_span(name).end()
    processing.sender.stop(10)

    assert processing.spans == names
    assert processing.health.lost() == {}


def test_one_span_is_sent_though_no_other_follows() -> None:
    """A single span is sent after the sender's gathering time."""
    processing = Processing(Limits(100_000, 100_000, seconds=0.0))
    processing.sender.start()
    processing.tracer().start_span("alone").end()
    wait_until(lambda: processing.health.waiting == 0, "it to be sent")
    processing.sender.stop(10)

    assert processing.spans == ["alone"]


def test_excluded_spans() -> None:
    """Spans that are not sampled, or that `wants` excludes, are not counted."""
    processing = Processing(wanted=lambda span: span.name != "unwanted")
    processing.tracer(sampler=sampling.ALWAYS_OFF).start_span("not sampled").end()
    tracer = processing.tracer()
    for name in ("unwanted", "wanted"):
        tracer.start_span(name).end()
    processing.sender.start()
    processing.sender.stop(10)

    assert processing.spans == ["wanted"]
    assert processing.health.lost() == {}


def test_a_span_for_a_full_queue_is_dropped() -> None:
    """A span for a full queue is counted as dropped."""
    processing = Processing(Limits(queue_bytes=1, batch_bytes=1, seconds=86_400))
    tracer = processing.tracer()
    for number in range(17):
        tracer.start_span(f"span {number}").end()
    processing.sender.start()
    processing.sender.stop(10)

    assert processing.spans == ["span 0"]
    assert processing.health.lost() == {"dropped": 16, "failed": 0, "unsent": 0}


def test_spans_that_end_after_the_stop_are_dropped() -> None:
    """Spans after the stop are counted as dropped at once."""
    processing = Processing()
    tracer = processing.tracer()
    processing.sender.start()
    processing.sender.stop(10)
    for number in range(1, 19):
        tracer.start_span("late").end()
        assert processing.health.lost() == {"dropped": number, "failed": 0, "unsent": 0}


def test_a_span_that_cannot_be_encoded_is_counted() -> None:
    """A span that can't be encoded is counted: half a surrogate pair, or a tracer's name that is a number.

    Others are sent.
    """
    processing = Processing()
    tracer = processing.tracer()
    processing.tracer(7).start_span("of no tracer").end()  # type: ignore[arg-type]
    tracer.start_span("half \ud800").end()
    tracer.start_span("sound").end()
    processing.sender.start()
    processing.sender.stop(10)

    assert processing.spans == ["sound"]
    assert processing.health.lost() == {"dropped": 0, "failed": 2, "unsent": 0}
    assert processing.health.report()["last_error"] == "a span can't be encoded"


def test_a_forked_process_sends_its_own_spans() -> None:
    """After a fork, each process sends its own spans once, and the parent those that waited."""
    processing = Processing()
    tracer = processing.tracer()
    processing.sender.start()
    tracer.start_span("of the parent").end()

    def child() -> None:
        tracer.start_span("of the child").end()
        processing.sender.stop(10)
        assert processing.spans == ["of the child"]
        assert processing.health.lost() == {}

    assert exit_status_of_a_child(child) == 0
    processing.sender.stop(10)
    assert processing.spans == ["of the parent"]


@pytest.mark.parametrize("limits", [SpanLimits(max_events=1, max_span_attributes=2), SpanLimits()], ids=["many", "few"])
def test_what_a_failed_span_dropped_is_in_its_counts(limits: SpanLimits) -> None:
    """The counts include what a failed span dropped, although its events' texts are redacted."""
    provider = TracerProvider(shutdown_on_exit=False, span_limits=limits)
    span = provider.get_tracer(__name__).start_span("many", attributes={"a": 1, "b": 2, "c": 3})
    for _ in range(3):
        span.add_event("one of many", {"url": "https://me:secret@host/?token=secret", "list": ["http://h/?t=secret"]})
    span.record_exception(ValueError("no http://host/?token=secret"))
    assert isinstance(span, Span)
    span.end()
    written = trace_pb2.Span.FromString(span_bytes(span))

    few = limits.max_events == 1
    assert (len(written.events), written.dropped_events_count) == ((1, 3) if few else (4, 0))
    assert (len(written.attributes), written.dropped_attributes_count) == ((2, 1) if few else (3, 0))
    assert "secret" not in str(written)
    assert redaction.REDACTED in str(written)
