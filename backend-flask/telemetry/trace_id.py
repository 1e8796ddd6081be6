"""The one trace id of a request, in OpenTelemetry's form and in X-Ray's."""

import functools
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from flask import has_request_context
from opentelemetry import trace
from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator

from request_at_hand import request_at_hand

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# Asked every few seconds by load balancers, to no reader's use: no span, no segment, no line.
UNTRACED_PATH = "/api/health"

NONE = "0" * 32
LINKS = "cruddur.links"  # in the environ
IDS = "cruddur.ids"

adopted: ContextVar[int | None] = ContextVar("adopted_trace_id", default=None)  # of a caller that is trusted


class TraceId(NamedTuple):
    """Where a line, an item or an answer belongs."""

    trace_id: str  # 32 hex digits, as OpenTelemetry writes it
    xray: str  # as X-Ray writes it: 1-, 8 hex digits, -, 24 hex digits
    span_id: str  # 16 hex digits
    sampled: bool

    @property
    def is_valid(self) -> bool:
        """Not outside a request and a span: there it is all zeros."""
        return self.trace_id != NONE

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{int(self.sampled):02x}"


@functools.lru_cache(maxsize=64)  # each is asked for by several: lines, vendors, the answer
def written(trace_id: int, span_id: int, sampled: bool) -> TraceId:
    digits = f"{trace_id:032x}"
    return TraceId(digits, f"1-{digits[:8]}-{digits[8:]}", f"{span_id:016x}", sampled)


class IdGenerator(AwsXRayIdGenerator):
    """Trace ids that begin with the time, as X-Ray wants them, or the one that a trusted caller brought."""

    def generate_trace_id(self) -> int:
        return adopted.get() or super().generate_trace_id()


def current() -> TraceId:
    """The ids of the current span; where there is none, of the request at hand. One that isn't traced has ids that are
    made for its answer alone. Outside both they are all zeros.
    """
    trace_id, span_id, _, flags, _, is_valid = trace.get_current_span().get_span_context()
    if is_valid:
        return written(trace_id, span_id, flags.sampled)
    if not has_request_context():
        return written(0, 0, sampled=False)
    environ = request_at_hand().environ
    if IDS not in environ:
        generator = IdGenerator()
        environ[IDS] = written(generator.generate_trace_id(), generator.generate_span_id(), sampled=False)
    ids: TraceId = environ[IDS]
    return ids


def of_request() -> TraceId:
    """Those of the request's server span, whatever span is current now."""
    ids: TraceId = request_at_hand().environ.get(IDS) or current()
    return ids


def begin_request() -> None:
    """The current span is the request's server span."""
    request_at_hand().environ[IDS] = current()


def link(**names: str) -> None:
    """Tell the other vendors what one of them calls this request, e.g. its X-Ray segment's id."""
    if has_request_context():
        request_at_hand().environ.setdefault(LINKS, {}).update(names)


def links() -> dict[str, str]:
    """What the vendors call this request, by attribute name."""
    return dict(request_at_hand().environ.get(LINKS, {})) if has_request_context() else {}


def headers(_: "WSGIEnvironment") -> list[tuple[str, str]]:
    """By which an answer tells its request's id."""
    ids = of_request()
    return [("X-Request-Id", ids.trace_id), ("Server-Timing", f'traceparent;desc="{ids.traceparent}"')]
