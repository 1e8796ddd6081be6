"""A lean span is the SDK's span: whatever is done with the one, the other says the same afterwards."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import context, trace
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider, sampling
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from telemetry.otel_spans import LeanSpan
from telemetry.otel_tracers import LeanTracerProvider

NAMES = st.sampled_from(["a", "b", "c", "", 1])  # what can be in a mapping
VALUES = st.one_of(
    st.text(max_size=3), st.integers(), st.booleans(), st.floats(allow_nan=False), st.binary(max_size=3), st.none(),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=1), st.text(max_size=1)), st.just(object),
)  # fmt: skip
ATTRIBUTES = st.dictionaries(NAMES, VALUES, max_size=5)
STATUSES = st.sampled_from(trace.StatusCode)
A_LINK = trace.SpanContext(1, 2, is_remote=True)
STEPS = st.one_of(
    st.tuples(st.just("set_attribute"), NAMES | st.just(["no name"]), VALUES),
    st.tuples(st.just("set_attributes"), ATTRIBUTES),
    st.tuples(st.just("add_event"), st.text(max_size=3), ATTRIBUTES, st.just(1)),
    st.tuples(st.just("add_link"), st.just(A_LINK), ATTRIBUTES),
    st.tuples(st.just("set_status"), STATUSES, st.text(max_size=3)),
    st.tuples(st.just("update_name"), st.text(max_size=3)),
    st.tuples(st.just("end"), st.just(2)),
)
Steps = list[tuple[Any, ...]]


@given(st.lists(STEPS, max_size=8), ATTRIBUTES, st.sampled_from(trace.SpanKind), st.sampled_from([None, 0, 2]))
def test_whatever_a_service_does_with_it(
    steps: Steps, attributes: dict[str, Any], kind: trace.SpanKind, most: int | None
) -> None:
    """Before it's ended and afterwards, within the SDK's limits and beyond."""

    def use(tracer: trace.Tracer) -> None:
        span = tracer.start_span("name", kind=kind, attributes=attributes, start_time=1)
        for call, *arguments in steps:
            getattr(span, call)(*arguments)
        span.end(3)
        assert not span.is_recording()

    limits = SpanLimits(max_span_attributes=most, max_events=most, max_links=most)
    stock, lean = both(use, span_limits=limits)
    assert facts(lean) == facts(stock)


PARENTS = {
    "none": None,
    "sampled": trace.SpanContext(1, 2, is_remote=True, trace_flags=trace.TraceFlags(1)),
    "not sampled": trace.SpanContext(1, 2, is_remote=True, trace_flags=trace.TraceFlags(0)),
    "random": trace.SpanContext(1, 2, is_remote=True, trace_flags=trace.TraceFlags(3)),
    "with a state": trace.SpanContext(1, 2, True, trace.TraceFlags(1), trace.TraceState([("vendor", "value")])),
    "invalid": trace.SpanContext(0, 0, is_remote=True),
}


@pytest.mark.parametrize("parent", PARENTS.values(), ids=PARENTS)
def test_under_every_kind_of_parent(parent: trace.SpanContext | None) -> None:
    """Its trace, its parent, its flags; and whether there is a span at all."""

    def use(tracer: trace.Tracer) -> None:
        remote = trace.set_span_in_context(trace.NonRecordingSpan(parent)) if parent else None
        with tracer.start_as_current_span("outer", remote), tracer.start_as_current_span("inner"):
            pass

    stock, lean = (spans for spans in both(use))
    assert [parentage(span) for span in lean] == [parentage(span) for span in stock]


@pytest.mark.parametrize("failure", [None, LookupError("failed"), KeyboardInterrupt("stopped")], ids=str)
@pytest.mark.parametrize("options", [{}, {"record_exception": False}, {"set_status_on_exception": False}], ids=str)
def test_what_passes_through_it(failure: BaseException | None, options: dict[str, bool]) -> None:
    """As a context manager, started by hand or as the current one, and as a decorator: the same exception noted, none
    kept, and the span before it current again.
    """

    def use(tracer: trace.Tracer) -> None:
        def fail() -> None:
            if failure:
                raise failure

        with suppressed(), tracer.start_as_current_span("current", **options) as span:
            assert trace.get_current_span() is span
            fail()
        with suppressed(), tracer.start_span("by hand", **options):
            fail()
        with suppressed():
            tracer.start_as_current_span("decorator", **options)(fail)()
        assert trace.get_current_span() is trace.INVALID_SPAN

    stock, lean = both(use)
    assert facts(lean) == facts(stock)
    assert len(lean) == 3


@pytest.mark.parametrize("kind", [LookupError, pytest.fail.Exception, SystemExit], ids=str)
@pytest.mark.parametrize("more", [(), ({"a": 1, "exception.message": "ours"}, 5, True)], ids=str)
def test_an_exception_that_a_service_records(kind: type[BaseException], more: tuple[Any, ...]) -> None:
    """With its whole stack, the service's own attributes, and the time that the service says."""

    def use(tracer: trace.Tracer) -> None:
        span = tracer.start_span("s")
        span.record_exception(failure, *more)
        span.end()

    try:
        raise kind("failed")
    except BaseException as raised:  # noqa: BLE001 - a SystemExit, too
        failure = raised
    (stock,), (lean,) = both(use)
    assert [event.attributes for event in lean.events] == [event.attributes for event in stock.events]
    if more:
        assert lean.events[0].timestamp == stock.events[0].timestamp


def test_a_span_that_goes_on() -> None:
    """With end_on_exit=False it's ended by whoever asked for that."""

    def use(tracer: trace.Tracer) -> None:
        with tracer.start_as_current_span("s", end_on_exit=False) as span:
            pass
        assert span.is_recording()
        span.end()

    stock, lean = both(use)
    assert facts(lean) == facts(stock)


def test_somebodys_own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a sampler or a longest text it's the SDK's span; without, it's lean."""
    assert isinstance(LeanTracerProvider(shutdown_on_exit=False).get_tracer("t").start_span("s"), LeanSpan)
    monkeypatch.setenv("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "2")
    cut = LeanTracerProvider(shutdown_on_exit=False).get_tracer("t").start_span("s", attributes={"a": "long"})
    assert isinstance(cut, ReadableSpan)
    assert cut.attributes == {"a": "lo"}
    monkeypatch.delenv("OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT")
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    assert not LeanTracerProvider(shutdown_on_exit=False).get_tracer("t").start_span("s").is_recording()
    assert LeanTracerProvider(sampling.ALWAYS_OFF, shutdown_on_exit=False).get_tracer("t").start_span("s")


def both(use: Callable[[trace.Tracer], None], **settings: Any) -> Iterator[list[ReadableSpan]]:
    """The spans that the SDK's tracer made of it, and those that the lean one made."""
    for provider in (TracerProvider, LeanTracerProvider):
        exporter = InMemorySpanExporter()
        made = provider(shutdown_on_exit=False, **settings)
        made.add_span_processor(SimpleSpanProcessor(exporter))
        token = context.attach(context.Context())
        use(made.get_tracer("scope", "1.0"))
        context.detach(token)
        yield list(exporter.get_finished_spans())


def suppressed() -> contextlib.AbstractContextManager[None]:
    return contextlib.suppress(LookupError, KeyboardInterrupt)


def facts(spans: list[ReadableSpan]) -> list[dict[str, Any]]:
    """All but the ids, the times and the stacks."""
    return [
        {
            "name": span.name,
            "kind": span.kind,
            "attributes": dict(span.attributes or {}),
            "dropped": (span.dropped_attributes, span.dropped_events, span.dropped_links),
            "events": [(event.name, without_stack(event.attributes)) for event in span.events],
            "links": [(link.context, dict(link.attributes or {})) for link in span.links],
            "status": (span.status.status_code, span.status.description),
            "resource": span.resource,
            "scope": span.instrumentation_scope,
            "timed": (span.start_time or 0) <= (span.end_time or 0),
        }
        for span in spans
    ]


def without_stack(attributes: Any) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name != "exception.stacktrace"}


def parentage(span: ReadableSpan) -> tuple[Any, ...]:
    assert span.context
    known = span.context.trace_id if span.context.trace_id == 1 else "new"
    parent = span.parent and (span.parent.is_remote, span.parent.trace_flags, span.parent.trace_state)
    return span.name, known, span.context.trace_flags, span.context.trace_state, parent
