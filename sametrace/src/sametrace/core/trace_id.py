"""The one trace id of a request, in OpenTelemetry's form and in X-Ray's."""

import functools
import os
import random
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from flask import has_request_context, request

if TYPE_CHECKING:
    from sametrace.core.request import Request

KEY = "sametrace.request"  # in the WSGI environ: the core.request.Request

current_request: "ContextVar[Request | None]" = ContextVar("sametrace_request", default=None)


class TraceId(NamedTuple):
    """The ids that a log line, an item or a response carries."""

    trace_id: str  # 32 hex digits, OpenTelemetry's form
    xray: str  # X-Ray's form: 1-, 8 hex digits, -, 24 hex digits
    span_id: str  # 16 hex digits
    sampled: bool

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{int(self.sampled):02x}"

    @property
    def fields(self) -> dict[str, str]:
        return {"trace_id": self.trace_id, "xray_trace_id": self.xray, "span_id": self.span_id}


SpanLookup = Callable[[], tuple[int, int, bool] | None]
# Returns trace id, span id and the sampled flag of the current span, or None. OpenTelemetry sets it.
span_lookup: SpanLookup = lambda: None  # noqa: E731


def new_trace_id() -> int:
    """Return a new trace id.

    It begins with the time, in seconds, because X-Ray requires it. The rest comes from the operating system. Clients
    see the ids. From enough numbers of `random`, a client could calculate the next one. A caller that knows a trace id
    may add its requests to that trace.
    """
    return int(time.time()) << 96 | int.from_bytes(os.urandom(12), "big")


def new_span_id() -> int:
    return random.getrandbits(64) or 1  # 0 is invalid


@functools.lru_cache(maxsize=64)  # the log lines, the vendors and the response need the same ids
def written(trace_id: int, span_id: int, sampled: bool) -> TraceId:
    digits = f"{trace_id:032x}"
    return TraceId(digits, f"1-{digits[:8]}-{digits[8:]}", f"{span_id:016x}", sampled)


def the_request() -> "Request | None":
    """Return the current request.

    This works in a thread, too, if it has a copy of Flask's request context.
    """
    found = current_request.get()
    if found is None and has_request_context():
        found = request.environ.get(KEY)
    return found


def current() -> TraceId | None:
    """Return the ids of the current span, or else those of the request.

    Returns None outside both.
    """
    if span := span_lookup():
        return written(*span)
    served = the_request()
    return served.ids if served else None


def current_trace_id() -> str | None:
    """Return the current trace id as 32 hex digits.

    It is that of the current span or request. Returns None outside both.
    """
    ids = current()
    return ids.trace_id if ids else None
