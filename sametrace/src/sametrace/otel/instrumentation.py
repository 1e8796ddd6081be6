"""The server span of a request."""

import functools
from typing import Any

from opentelemetry import context, propagate, trace
from opentelemetry.instrumentation.wsgi import wsgi_getter
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.util.http import detect_synthetic_user_agent, sanitize_method

from sametrace.core import tracebacks
from sametrace.core.request import Request
from sametrace.core.trace_id import written
from sametrace.core.wsgi import End
from sametrace.otel.provider import of_request


class ServerSpans:
    """Makes the server spans, in place of FlaskInstrumentor.

    It works around FlaskInstrumentor, which misses errors in a streamed body or a teardown, and sends the query string
    and the path as the client sent it. FlaskInstrumentor also begins and ends a request by its own hooks and clock.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._tracer = provider.get_tracer("sametrace")

    def begin(self, request: Request) -> End | None:
        """Open the server span, unless another vendor has opened it."""
        if request.span:
            return None
        around = context.get_current()
        kind = SpanKind.INTERNAL if trace.get_current_span(around).get_span_context().is_valid else SpanKind.SERVER
        if request.caller.trace_id:
            around = propagate.extract(request.environ, around, wsgi_getter)
        token = of_request.set(request.trace_id)
        span = self._tracer.start_span(
            name_of(request.method), around, kind, request_attributes(request), start_time=request.began_ns
        )
        of_request.reset(token)
        context.attach(trace.set_span_in_context(span, around))  # in the request's own Context, which ends with it
        made = span.get_span_context()
        request.ids = written(made.trace_id, made.span_id, made.trace_flags.sampled)
        request.span = span
        return end


def end(request: Request) -> None:
    span: trace.Span = request.span
    attributes: dict[str, Any] = {**request.links, "url.path": request.path}
    if request.route is not None:
        attributes["http.route"] = request.route
        # Otherwise the view has set the name
        if isinstance(span, ReadableSpan) and span.name == name_of(request.method):
            span.update_name(f"{span.name} {request.route}")
    status = request.status
    if status is not None:
        attributes["http.response.status_code"] = status
        if status >= 500:
            attributes["error.type"] = str(status)
            span.set_status(Status(StatusCode.ERROR))
    if request.user_id is not None:
        attributes["user.id"] = request.user_id
    span.set_attributes(attributes)
    for exception in request.exceptions:
        record_exception(span, exception, request.traceback_of(exception))
    span.end(request.ended_ns)


def record_exception(span: trace.Span, exception: BaseException, traceback: str) -> None:
    """Record an exception as span.record_exception() does.

    The traceback is the one that all vendors share.
    """
    kind, message = type(exception), tracebacks.message(exception)
    module = "" if kind.__module__ in {"builtins", None} else f"{kind.__module__}."
    span.add_event(
        "exception",
        {
            "exception.type": module + kind.__qualname__,
            "exception.message": message,
            "exception.stacktrace": traceback,
            "exception.escaped": "False",
        },
    )
    span.set_status(Status(StatusCode.ERROR, f"{kind.__name__}: {message}"))


@functools.lru_cache(maxsize=64)
def name_of(method: str) -> str:
    return "HTTP" if sanitize_method(method) == "_OTHER" else method


FACTS = ("SERVER_PORT", "REMOTE_HOST", "REMOTE_ADDR", "SERVER_PROTOCOL", "HTTP_USER_AGENT")


def request_attributes(request: Request) -> dict[str, Any]:
    """Return a request's attributes, without what a user types.

    They are those of OpenTelemetry's WSGI instrumentation.
    """
    environ = request.environ
    attributes = dict(attributes_of(request.method, request.scheme, request.host, *map(environ.get, FACTS)))
    if port := environ.get("REMOTE_PORT"):
        attributes["client.port"] = int(port)
    return attributes


@functools.lru_cache(maxsize=256)  # most requests of a client share these
def attributes_of(
    method: str,
    scheme: str,
    host: str,
    server_port: str | None,
    remote_host: str | None,
    remote_address: str | None,
    protocol: str | None,
    user_agent: str | None,
) -> dict[str, Any]:
    attributes: dict[str, Any] = {"http.request.method": sanitize_method(method), "url.scheme": scheme}
    if attributes["http.request.method"] == "_OTHER":
        attributes["http.request.method_original"] = method
    if host:
        attributes["server.address"] = host
    if server_port:
        attributes["server.port"] = int(server_port)
    if address := remote_host or remote_address:
        attributes["client.address"] = address
    if version := (protocol or "").upper().removeprefix("HTTP/"):
        attributes["network.protocol.version"] = version
    if user_agent:
        attributes["user_agent.original"] = user_agent
        if synthetic := detect_synthetic_user_agent(user_agent):
            attributes["user_agent.synthetic.type"] = synthetic
    return attributes
