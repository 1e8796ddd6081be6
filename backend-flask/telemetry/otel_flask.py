"""The server span of each request: FlaskInstrumentor's, for a part of what it costs."""

import functools
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response
from opentelemetry import context, trace
from opentelemetry.instrumentation import wsgi
from opentelemetry.instrumentation._semconv import _get_schema_url, _StabilityMode
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.flask.version import __version__
from opentelemetry.instrumentation.utils import _start_internal_or_server_span

from request_at_hand import is_in_a_copy, request_at_hand
from telemetry import otel_spans, redaction, trace_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

# In the environ, which costs less to look into than flask.g.
BEGAN_NS = "cruddur.began_ns"  # since 1970
SERVER_SPAN = "cruddur.server_span"  # with the tokens to detach it, and its caller's context, by
NO_SPAN = (None, None, None)
STABLE_NAMES = _StabilityMode.HTTP
FACTS = (
    "REQUEST_METHOD",
    "wsgi.url_scheme",
    "SERVER_PORT",
    "REMOTE_ADDR",
    "REMOTE_HOST",
    "HTTP_USER_AGENT",
    "SERVER_PROTOCOL",
)


class ServerSpans(FlaskInstrumentor):
    """Mends the stock instrumentor, which for each request collects the span's attributes twice and sets them three
    times, and counts for metrics that nobody reads. The span is the same: tests/stock/test_server_span.py compares.

    It says what the other vendors call the request, too. It takes nothing as it was typed: url.path is
    redaction.path(), the Host header is as Flask lets it pass, and the query string stays here. Headers it captures
    none, whatever OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST says: they hold cookies and tokens.
    """

    @staticmethod
    def instrument_app(app: Flask, tracer_provider: trace.TracerProvider) -> None:  # type: ignore[override]
        tracer = tracer_provider.get_tracer(
            "opentelemetry.instrumentation.flask", __version__, _get_schema_url(STABLE_NAMES)
        )
        serve = app.wsgi_app

        def note_time(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            environ[BEGAN_NS] = time.time_ns()  # before the route is looked for
            return serve(environ, start_response)

        @app.before_request
        def begin() -> None:
            request = request_at_hand()
            if request.path == trace_id.UNTRACED_PATH or is_in_a_copy():
                return
            path = redaction.path(request)
            attributes = request_attributes(request.environ, request.host)
            attributes["url.path"] = path
            name = method if (method := attributes["http.request.method"]) != "_OTHER" else "HTTP"
            if request.url_rule:
                attributes["http.route"] = path
                name = f"{name} {path}"
            span, callers = start_span(tracer, name, request.environ, attributes)
            request.environ[SERVER_SPAN] = span, context.attach(trace.set_span_in_context(span)), callers
            trace_id.begin_request()

        @app.after_request
        def note_status(response: Response) -> Response:
            span, *_ = request_at_hand().environ.get(SERVER_SPAN, NO_SPAN)
            if span:
                attributes: dict[str, Any] = trace_id.links()
                if response.status_code < 400:
                    attributes["http.response.status_code"] = response.status_code
                else:
                    wsgi.add_response_attributes(span, response.status, [], None, STABLE_NAMES)
                span.set_attributes(attributes)
            return response

        @app.teardown_request
        def end(exception: BaseException | None) -> None:
            if is_in_a_copy():
                return
            span, token, callers = request_at_hand().environ.pop(SERVER_SPAN, NO_SPAN)
            if span:
                context.detach(token)
                try:
                    otel_spans.note(exception, span)  # raises where the exception has no text
                finally:
                    span.end()
                    if callers:
                        context.detach(callers)  # else the thread's next request would go on with the caller's trace

        app.wsgi_app = note_time  # type: ignore[method-assign]


def start_span(
    tracer: trace.Tracer, name: str, environ: "WSGIEnvironment", attributes: dict[str, Any]
) -> tuple[trace.Span, object | None]:
    """The span, and the token of its caller's context, where there is one."""
    if "HTTP_TRACEPARENT" in environ or "HTTP_BAGGAGE" in environ or context.get_current():
        started: tuple[trace.Span, object | None] = _start_internal_or_server_span(
            tracer, name, environ.get(BEGAN_NS), environ, wsgi.wsgi_getter, attributes
        )
        return started
    # Most callers bring nothing that a span could go on with, and needn't be looked through for it.
    return tracer.start_span(
        name, kind=trace.SpanKind.SERVER, attributes=attributes, start_time=environ.get(BEGAN_NS)
    ), None


def request_attributes(environ: "WSGIEnvironment", host: str) -> dict[str, Any]:
    """What the stock instrumentor makes of a request, but for its path; host: as Flask lets it pass."""
    attributes = dict(attributes_of(host, *map(environ.get, FACTS)))
    if port := environ.get("REMOTE_PORT"):
        attributes["client.port"] = int(port)
    return attributes


@functools.lru_cache(maxsize=256)
def attributes_of(host: str, *facts: str | None) -> dict[str, Any]:
    """Kept, because most requests of a client have all of these in common."""
    environ = {name: fact for name, fact in zip(FACTS, facts, strict=True) if fact is not None}
    attributes: dict[str, Any] = wsgi.collect_request_attributes({**environ, "HTTP_HOST": host}, STABLE_NAMES)
    return attributes
