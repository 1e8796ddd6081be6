"""The current segment or subsegment."""

from contextvars import ContextVar
from typing import Any

from aws_xray_sdk import global_sdk_config
from aws_xray_sdk.core.context import Context
from aws_xray_sdk.core.models.dummy_entities import DummySegment
from aws_xray_sdk.core.models.entity import Entity
from aws_xray_sdk.core.models.segment import Segment
from aws_xray_sdk.core.models.subsegment import Subsegment

from sametrace.core.request import Request
from sametrace.core.trace_id import current_request, the_request

# The request, and its entities, each within the one before it.
Entities = tuple[Request | None, tuple[Entity, ...]]
_current: ContextVar[Entities] = ContextVar("sametrace_xray_entities", default=(None, ()))


class RequestContext(Context):
    """Keeps the current entities by request.

    It works around the SDK's Context, which keeps them by thread: an async view, which runs in another thread, has no
    segment, and what a request leaves open becomes the next request's. There, a segment that begins within another one
    replaces it permanently; here the other one is current again afterwards.
    """

    def __init__(self) -> None:
        super().__init__(context_missing="IGNORE_ERROR")
        self.context_missing = "IGNORE_ERROR"  # in spite of AWS_XRAY_CONTEXT_MISSING: telemetry never fails a request

    def put_segment(self, segment: Segment) -> None:
        # One level deep, so that open entities don't accumulate.
        self._set((*self._innermost(), segment))

    def put_subsegment(self, subsegment: Subsegment) -> None:
        entities = self._entities()
        if entities:
            entities[-1].add_subsegment(subsegment)
            self._set((*entities, subsegment))

    def end_subsegment(self, end_time: float | None = None) -> bool:
        entities = self._entities()
        if not entities or not isinstance(entities[-1], Subsegment):
            return False
        entities[-1].close(end_time)
        self._set(entities[:-1])
        return True

    def get_trace_entity(self) -> Any:
        entities = self._entities()
        if entities:
            return entities[-1]
        return self.handle_context_missing() if global_sdk_config.sdk_enabled() else DummySegment()

    def set_trace_entity(self, trace_entity: Entity) -> None:
        self._set((trace_entity,))

    def clear_trace_entities(self) -> None:
        """Remove the innermost segment, and what is in it."""
        entities = self._entities()
        self._set(entities[: len(entities) - len(self._innermost())])

    def _innermost(self) -> tuple[Entity, ...]:
        entities = self._entities()
        at = max((at for at, entity in enumerate(entities) if isinstance(entity, Segment)), default=0)
        return entities[at:]

    def _entities(self) -> tuple[Entity, ...]:
        """Return the entities of this request only.

        A thread may serve several requests, one after the other.
        """
        request, entities = _current.get()
        return entities if request is current_request.get() or request is the_request() else ()

    def _set(self, entities: tuple[Entity, ...]) -> None:
        _current.set((the_request(), entities))
