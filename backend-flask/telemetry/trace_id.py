"""The one trace id of a request: OpenTelemetry's and X-Ray's form of it, and which callers may bring their own."""

import functools
import re
from collections.abc import Iterable
from contextvars import ContextVar
from typing import TYPE_CHECKING, NamedTuple

from flask import Flask, g, has_request_context
from opentelemetry import trace
from opentelemetry.sdk.extension.aws.trace import AwsXRayIdGenerator

from request_at_hand import CONTEXT, request_at_hand

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# Asked every few seconds by load balancers, to no reader's use: no span, no segment, no line.
UNTRACED_PATH = "/api/health"

NONE = "0" * 32
LINKS = "cruddur.links"  # in the environ
IDS = "cruddur.ids"
XRAY_CALLER = "cruddur.xray_caller"  # the id of the X-Ray segment that called
TRACE_HEADERS = {"HTTP_TRACEPARENT", "HTTP_TRACESTATE", "HTTP_BAGGAGE", "HTTP_X_AMZN_TRACE_ID"}
TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}\Z")
XRAY_ROOT = re.compile(r"1-(?!0{8}-0{24})([0-9a-f]{8})-([0-9a-f]{24})\Z")
XRAY_PARENT = re.compile(r"[0-9a-f]{16}\Z")

_adopted: ContextVar[int | None] = ContextVar("adopted_trace_id", default=None)


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
        return _adopted.get() or super().generate_trace_id()


def current() -> TraceId:
    """The id of the request at hand; of a request that isn't traced, one that is made for its answer alone.

    Outside a request it is that of the current span, or all zeros.
    """
    trace_id, span_id, _, flags, _, is_valid = trace.get_current_span().get_span_context()
    if is_valid:
        return written(trace_id, span_id, flags.sampled)
    if not has_request_context():
        return written(0, 0, sampled=False)
    if "untraced_id" not in g:
        generator = IdGenerator()
        g.untraced_id = written(generator.generate_trace_id(), generator.generate_span_id(), sampled=False)
    untraced: TraceId = g.untraced_id
    return untraced


def of_request() -> TraceId:
    """The id of the request at hand as it was first asked for: with its server span's, whatever span is current now."""
    environ = request_at_hand().environ
    ids: TraceId = environ.get(IDS) or environ.setdefault(IDS, current())
    return ids


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


def instrument(app: Flask, trust_trace_headers: bool) -> None:
    """Put callers' trace headers out of the way."""
    app.wsgi_app = CallersTraceHeaders(app.wsgi_app, trust_trace_headers)  # type: ignore[method-assign]


class CallersTraceHeaders:
    """The outermost layer of telemetry. It drops the trace headers of a caller that isn't trusted: who can choose trace
    ids can mix their requests into other people's traces.

    Of a trusted caller it takes the trace id over, from traceparent or else from X-Amzn-Trace-Id. Whether a request is
    sampled stays ours to decide.
    """

    def __init__(self, wsgi_app: "WSGIApplication", trusted: bool) -> None:
        self.wsgi_app = wsgi_app
        self.trusted = trusted

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ = dict(environ)  # the server's own stays whole: it has uses for it after us
        environ.pop(CONTEXT, None)  # of a request that makes this one of its own environ
        trace_id, xray_parent = self._adopt(environ) if self.trusted else (None, None)
        if trace_id is None:
            for name in TRACE_HEADERS & environ.keys():
                del environ[name]
        environ[XRAY_CALLER] = xray_parent
        token = _adopted.set(trace_id)
        try:
            return self.wsgi_app(environ, start_response)
        finally:
            _adopted.reset(token)

    def _adopt(self, environ: "WSGIEnvironment") -> tuple[int | None, str | None]:
        """The caller's trace id, and the id of the X-Ray segment that called, if it is of that same trace."""
        fields = xray_fields(environ.get("HTTP_X_AMZN_TRACE_ID", ""))
        root = XRAY_ROOT.match(fields.get("Root", ""))
        xray_parent = XRAY_PARENT.match(fields.get("Parent", ""))
        traceparent = TRACEPARENT.match(environ.get("HTTP_TRACEPARENT", ""))
        if traceparent:
            environ["HTTP_TRACEPARENT"] = f"00-{traceparent[1]}-{traceparent[2]}-01"
            trace_id = traceparent[1]
        elif root:
            environ.pop("HTTP_TRACEPARENT", None)
            trace_id = root[1] + root[2]
        else:
            return None, None
        same_trace = root is not None and root[1] + root[2] == trace_id
        return int(trace_id, 16), xray_parent[0] if xray_parent and same_trace else None


def xray_fields(header: str) -> dict[str, str]:
    """Root, Parent and so on; none where one is there twice, or the header was, which servers join by a comma."""
    fields = [pair.strip().partition("=")[::2] for pair in header.split(";")]
    return {} if "," in header or len(dict(fields)) < len(fields) else dict(fields)
