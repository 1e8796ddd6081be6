"""Spans at a third of what the SDK's cost; to services, processors and exporters they are the SDK's own."""

import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any

from opentelemetry import context, trace
from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import EventBase, Span, SpanLimits, Tracer, TracerProvider, sampling
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.util import types

from telemetry import tracebacks

PLAIN = frozenset({str, int, bool, float})  # values that the SDK takes as they are


class LeanTracerProvider(TracerProvider):
    """Its tracers make lean spans, unless who runs it has a sampler or a longest text of their own
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
        if links or (parent.is_valid and (parent.trace_flags != self.flags or parent.trace_state)):
            return self.stock.start_span(
                name, context, kind, attributes, links, start_time, record_exception, set_status_on_exception
            )
        ids = self.stock.id_generator
        trace_id = parent.trace_id if parent.is_valid else ids.generate_trace_id()
        own = SpanContext(trace_id, ids.generate_span_id(), False, self.flags)
        span = LeanSpan(self, name, own, parent if parent.is_valid else None, kind, attributes, start_time)
        span._record_exception = record_exception
        span._set_status_on_exception = set_status_on_exception
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


def note(
    exception: BaseException | None, span: trace.Span, record_exception: bool = True, set_status: bool = True
) -> None:
    """What trace.use_span() does with what was raised inside the span, or wasn't."""
    if isinstance(exception, Exception) and span.is_recording():
        if record_exception:
            span.record_exception(exception)
        if set_status:
            span.set_status(Status(StatusCode.ERROR, f"{type(exception).__name__}: {exception}"))


class LeanSpan(Span):
    """Mends the SDK's, which makes a bounded mapping and two bounded lists for each span, looks into each value that is
    put in, and copies the whole when it ends. This one does so once it is given an event, a link, or a value to look
    into.
    """

    _status = Status(StatusCode.UNSET)
    _events: Any = ()
    _links: Any = ()

    def __init__(
        self,
        tracer: LeanTracer,
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        kind: SpanKind,
        attributes: types.Attributes,
        start_time: int | None,
    ) -> None:
        # Not by super().__init__(), which makes what this class is there to spare.
        self._name = name
        self._context = context
        self._parent = parent
        self._kind = kind
        self._limits = tracer.limits
        self._resource = tracer.stock.resource
        self._instrumentation_info = tracer.stock.instrumentation_info
        self._instrumentation_scope = tracer.stock._instrumentation_scope
        self._span_processor = tracer.stock.span_processor
        self._lock = threading.Lock()
        self._start_time = time.time_ns() if start_time is None else start_time
        self._end_time = None
        self._attributes: Any = {}  # the SDK's BoundedAttributes once there is something to bound
        if attributes:
            self.set_attributes(attributes)

    def get_span_context(self) -> SpanContext:
        return self._context  # type: ignore[return-value]  # it has one

    def set_attribute(self, key: str, value: types.AnyValue) -> None:
        if not self._took({key: value}):
            super().set_attribute(key, value)

    def set_attributes(self, attributes: Mapping[str, types.AnyValue]) -> None:
        if not self._took(attributes):
            super().set_attributes(attributes)

    def _took(self, attributes: Mapping[str, types.AnyValue]) -> bool:
        """Whether they were taken, because the SDK would have taken them as they are."""
        with self._lock:
            kept = self._attributes
            if type(kept) is not dict or self._end_time is not None:
                return False
            most = self._limits.max_span_attributes
            new = kept.keys().isdisjoint(attributes)  # what is set anew is the newest, and so dropped last
            if new and (most is None or len(kept) + len(attributes) <= most) and are_plain(attributes):
                kept.update(attributes)
                return True
            self._attributes = BoundedAttributes(most, kept, immutable=False)
            return False

    def record_exception(
        self,
        exception: BaseException,
        attributes: types.Attributes = None,
        timestamp: int | None = None,
        escaped: bool = False,
    ) -> None:
        """Mends the SDK's, which looks at each frame of the traceback anew."""
        kind = type(exception)
        module = "" if kind.__module__ in {"builtins", None} else f"{kind.__module__}."
        event = {
            "exception.type": module + kind.__qualname__,
            "exception.message": str(exception),
            "exception.stacktrace": tracebacks.text(exception, exception.__traceback__),
            "exception.escaped": str(escaped),
        }
        self.add_event("exception", {**event, **(attributes or {})}, timestamp)

    def _add_event(self, event: EventBase) -> None:
        vars(self).setdefault("_events", self._new_events())
        super()._add_event(event)

    def _add_link(self, link: trace.Link) -> None:
        vars(self).setdefault("_links", self._new_links(()))
        super()._add_link(link)

    def end(self, end_time: int | None = None) -> None:
        with self._lock:
            ended = self._end_time is not None
            if not ended:
                self._end_time = time.time_ns() if end_time is None else end_time
        if ended:
            super().end(end_time)  # says so
            return
        self._span_processor._on_ending(self)
        # Itself, because all that would change it looks whether it has ended.
        self._span_processor.on_end(self)


def are_plain(attributes: Mapping[str, types.AnyValue]) -> bool:
    return all(type(name) is str and name and type(value) in PLAIN for name, value in attributes.items())
