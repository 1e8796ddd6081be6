"""Spans at less than half of what the SDK's cost; a reader finds in them what the SDK's have."""

import threading
import time
from collections.abc import Mapping
from typing import Any

from opentelemetry import trace
from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk.trace import EventBase, Span, SpanLimits, Tracer
from opentelemetry.trace import SpanContext, SpanKind, Status, StatusCode
from opentelemetry.util import types

from telemetry import tracebacks

TEXT = frozenset({str})
PLAIN = frozenset({str, int, bool, float})  # values that the SDK takes as they are


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
    into. Until it ends, its `attributes` aren't to be read by one thread while another sets some.
    """

    _status = Status(StatusCode.UNSET)
    _events: Any = ()
    _links: Any = ()

    def __init__(
        self,
        stock: Tracer,
        limits: SpanLimits,
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        kind: SpanKind,
        attributes: types.Attributes,
        start_time: int | None,
        record_exception: bool,
        set_status_on_exception: bool,
    ) -> None:
        # Not by super().__init__(), which makes what this class is there to spare.
        self._name = name
        self._context = context
        self._parent = parent
        self._kind = kind
        self._limits = limits
        self._record_exception = record_exception
        self._set_status_on_exception = set_status_on_exception
        self._resource = stock.resource
        self._instrumentation_info = stock.instrumentation_info
        self._instrumentation_scope = stock._instrumentation_scope
        self._span_processor = stock.span_processor
        self._lock = threading.Lock()
        self._start_time = time.time_ns() if start_time is None else start_time
        self._end_time = None
        self._attributes: Any = {}  # the SDK's BoundedAttributes once there is something to bound
        if attributes:
            self.set_attributes(attributes)

    def get_span_context(self) -> SpanContext:
        return self._context  # type: ignore[return-value]  # it has one

    def set_attribute(self, key: str, value: types.AnyValue) -> None:
        # What is no text may be fit for no mapping; no text at all is as bad to the SDK, which says so.
        if not self._took({key if type(key) is str else "": value}):
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
    names, values = map(type, attributes), map(type, attributes.values())
    return TEXT.issuperset(names) and "" not in attributes and PLAIN.issuperset(values)
