"""Tracers of lean spans, with the API that a service calls; the SDK's own attributes are at `stock`."""

import contextlib
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from opentelemetry import context, trace
from opentelemetry.sdk.trace import SpanLimits, Tracer, TracerProvider, sampling
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
from opentelemetry.util import types

from telemetry.otel_spans import LeanSpan, note


class LeanTracerProvider(TracerProvider):
    """Its tracers make lean spans, unless whoever runs it has a sampler or a longest text of their own
    (OTEL_TRACES_SAMPLER, OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT): then they are the SDK's.
    """

    def get_tracer(self, *arguments: Any, **named: Any) -> trace.Tracer:
        tracer = super().get_tracer(*arguments, **named)
        lean = self.sampler is sampling.DEFAULT_ON and self._span_limits.max_span_attribute_length is None
        return LeanTracer(tracer, self._span_limits) if lean and isinstance(tracer, Tracer) else tracer


class LeanTracer(trace.Tracer):
    """Mends the SDK's, which asks for each span a sampler that always says yes, and makes it current through two
    generators, one in the other. What is rare it leaves to the SDK's.
    """

    def __init__(self, stock: Tracer, limits: SpanLimits) -> None:
        self.stock = stock
        self.limits = limits
        random = TraceFlags.RANDOM_TRACE_ID if stock.id_generator.is_trace_id_random() else 0
        self.flags = TraceFlags(TraceFlags.SAMPLED | random)

    def start_span(
        self,
        name: str,
        context: context.Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: types.Attributes = None,
        links: Sequence[trace.Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
    ) -> trace.Span:
        parent = trace.get_current_span(context).get_span_context()
        trace_id, _, _, flags, trace_state, is_valid = parent
        if links or (is_valid and (flags != self.flags or trace_state)):
            return self.stock.start_span(
                name, context, kind, attributes, links, start_time, record_exception, set_status_on_exception
            )
        ids = self.stock.id_generator
        own = SpanContext(trace_id if is_valid else ids.generate_trace_id(), ids.generate_span_id(), False, self.flags)
        span = LeanSpan(
            self.stock,
            self.limits,
            name,
            own,
            parent if is_valid else None,
            kind,
            attributes,
            start_time,
            record_exception,
            set_status_on_exception,
        )
        self.stock.span_processor.on_start(span, context)
        return span

    def start_as_current_span(self, name: str, *arguments: Any, **named: Any) -> Any:
        return CurrentSpan(self, name, *arguments, **named)


class CurrentSpan(contextlib.AbstractContextManager[trace.Span]):
    """What start_as_current_span() returns: a context manager, or a decorator."""

    def __init__(
        self,
        tracer: LeanTracer,
        name: str,
        context: context.Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: types.Attributes = None,
        links: Sequence[trace.Link] | None = None,
        start_time: int | None = None,
        record_exception: bool = True,
        set_status_on_exception: bool = True,
        end_on_exit: bool = True,
    ) -> None:
        self.tracer = tracer
        self.arguments = (name, context, kind, attributes, links, start_time, record_exception, set_status_on_exception)
        self.end_on_exit = end_on_exit

    def __enter__(self) -> trace.Span:
        self.span = self.tracer.start_span(*self.arguments)
        self.token = context.attach(trace.set_span_in_context(self.span))
        return self.span

    def __exit__(
        self, kind: type[BaseException] | None, exception: BaseException | None, _: TracebackType | None
    ) -> None:
        context.detach(self.token)
        try:
            note(exception, self.span, *self.arguments[-2:])
        finally:
            if self.end_on_exit:
                self.span.end()

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """As a decorator, which may be of a coroutine, it's the SDK's."""
        current = self.tracer.stock.start_as_current_span(*self.arguments, self.end_on_exit)
        decorated: Callable[..., Any] = current(function)
        return decorated
