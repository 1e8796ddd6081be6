"""Which callers may set the trace id."""

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

TRACE_HEADERS = {"HTTP_TRACEPARENT", "HTTP_TRACESTATE", "HTTP_BAGGAGE", "HTTP_X_AMZN_TRACE_ID"}
# Only a later version than 00 may have fields after the flags. Source: W3C Trace Context, "Versioning of traceparent".
TRACEPARENT = re.compile(
    r"(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}(?:-.*)?\Z"
)
XRAY_ROOT = re.compile(r"1-(?!0{8}-0{24})([0-9a-f]{8})-([0-9a-f]{24})\Z")
XRAY_PARENT = re.compile(r"[0-9a-f]{16}\Z")


# Whether callers may set the trace id. A string: only requests from pages of this origin, by their traceparent.
Trust = bool | str


class Caller(NamedTuple):
    """The trace headers of a trusted caller.

    The caller never decides on sampling.
    """

    trace_id: int | None = None
    span_id: int | None = None  # the calling span's id, from traceparent
    xray_parent: str | None = None  # the calling X-Ray segment's id, if it is in the same trace


def take_over(environ: "WSGIEnvironment", trust: Trust) -> Caller:
    """Return the caller's trace headers, and drop untrusted and invalid ones.

    They are dropped from the environ. A caller that chooses trace ids can add its requests to other people's traces.
    """
    headers = {name: environ.pop(name) for name in TRACE_HEADERS if name in environ}
    if not headers:
        return Caller()
    if isinstance(trust, str):
        # Use only the trace id and the parent: a page makes no segment, and its other headers are not needed.
        headers = {name: value for name, value in headers.items() if name == "HTTP_TRACEPARENT"}
        trust = environ.get("HTTP_ORIGIN") == trust
    caller = _read(headers) if trust else Caller()
    if caller.trace_id is not None:
        headers.pop("HTTP_TRACEPARENT", None)
        environ.update(headers)
        if caller.span_id is not None:
            # Sampled: the API decides itself
            environ["HTTP_TRACEPARENT"] = f"00-{caller.trace_id:032x}-{caller.span_id:016x}-01"
    return caller


def _read(headers: dict[str, str]) -> Caller:
    fields = xray_fields(headers.get("HTTP_X_AMZN_TRACE_ID", ""))
    root = XRAY_ROOT.match(fields.get("Root", ""))
    xray_parent = XRAY_PARENT.match(fields.get("Parent", ""))
    xray_trace_id = root[1] + root[2] if root else None
    traceparent = TRACEPARENT.match(headers.get("HTTP_TRACEPARENT", ""))
    if traceparent:
        trace_id, span_id = traceparent.groups()
    elif xray_trace_id:
        trace_id, span_id = xray_trace_id, None
    else:
        return Caller()
    same_trace = xray_trace_id == trace_id
    return Caller(
        int(trace_id, 16),
        int(span_id, 16) if span_id else None,
        xray_parent[0] if xray_parent and same_trace else None,
    )


def xray_fields(header: str) -> dict[str, str]:
    """Return Root, Parent and the other fields of an X-Amzn-Trace-Id header.

    Returns no fields if one occurs twice, or if the header did: servers join two headers with a comma.
    """
    fields = [pair.strip().partition("=")[::2] for pair in header.split(";")]
    return {} if "," in header or len(dict(fields)) < len(fields) else dict(fields)
