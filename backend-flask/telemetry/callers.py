"""Which callers may bring a trace id of their own."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from request_at_hand import CONTEXT
from telemetry.trace_id import adopted

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

XRAY_CALLER = "cruddur.xray_caller"  # in the environ: the id of the X-Ray segment that called
TRACE_HEADERS = {"HTTP_TRACEPARENT", "HTTP_TRACESTATE", "HTTP_BAGGAGE", "HTTP_X_AMZN_TRACE_ID"}
TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-[0-9a-f]{2}\Z")
XRAY_ROOT = re.compile(r"1-(?!0{8}-0{24})([0-9a-f]{8})-([0-9a-f]{24})\Z")
XRAY_PARENT = re.compile(r"[0-9a-f]{16}\Z")


def instrument(app: Flask, trust_trace_headers: bool) -> None:
    """Put callers' trace headers out of the way."""
    app.wsgi_app = CallersTraceHeaders(app.wsgi_app, trust_trace_headers)  # type: ignore[method-assign]


class CallersTraceHeaders:
    """The outermost layer of telemetry. It drops the trace headers of a caller that isn't trusted: whoever can choose
    trace ids can mix their requests into other people's traces.

    Of a trusted caller it takes the trace id over, from traceparent or else from X-Amzn-Trace-Id. Whether a request is
    sampled stays ours to decide.
    """

    def __init__(self, wsgi_app: "WSGIApplication", trusted: bool) -> None:
        self.wsgi_app = wsgi_app
        self.trusted = trusted

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ = dict(environ)  # the server's own stays whole: it has uses for it after us
        if CONTEXT in environ:  # a request makes this one of its own environ, in which its span and its segment are
            environ = {name: value for name, value in environ.items() if not name.startswith("cruddur.")}
        trace_id, xray_parent = self._adopt(environ) if self.trusted else (None, None)
        if trace_id is None:
            for name in TRACE_HEADERS & environ.keys():
                del environ[name]
        environ[XRAY_CALLER] = xray_parent
        token = adopted.set(trace_id)
        try:
            return self.wsgi_app(environ, start_response)
        finally:
            adopted.reset(token)

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
