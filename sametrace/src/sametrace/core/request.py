"""One request, as core and the vendors know it."""

import functools
import logging
import re
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import flask
from werkzeug.sansio.utils import get_host

from sametrace.core import trace_id, tracebacks
from sametrace.core.propagation import Caller

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

logger = logging.getLogger(__name__)

NONE = Caller(None, None, None)
FIRST_SEGMENT = re.compile(r"/[\w.-]{0,40}")


class Request:
    """A request begins in the WSGI layer, before Flask has seen it, and ends there.

    environ: the WSGI environ, without trace headers of callers that are not trusted
    caller: the trace id and parents of a trusted caller
    outer: the ids of another request of this process that makes this one; both are in the same trace
    ids: the ids of the request's server span, which sets them; without OpenTelemetry, they are made here
    began_ns, ended_ns: nanoseconds since 1970; seconds: the time between them, by the monotonic clock
    status, response_headers: the start of the response; 500 if the server itself responds
    exceptions: the unhandled exceptions, oldest first
    unlogged: the exception that Flask is about to log
    links: the request's ids at the vendors, by attribute name
    user_id: the user's id, once identity.identify() was called
    on_exception: functions that are called with the request for each unhandled exception, in Flask's request context
    if there is one
    """

    def __init__(
        self, environ: "WSGIEnvironment", caller: Caller = NONE, outer: trace_id.TraceId | None = None
    ) -> None:
        self._began = time.perf_counter()
        self.began_ns = self.ended_ns = time.time_ns()
        self.seconds = 0.0
        self.environ = environ
        self.caller = caller
        self.trace_id: int = caller.trace_id or (int(outer.trace_id, 16) if outer else trace_id.new_trace_id())
        self.method: str = environ["REQUEST_METHOD"]
        self.scheme: str = environ["wsgi.url_scheme"]
        self.host = host_of(self.scheme, *map(environ.get, ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT")))
        self.status: int | None = None
        self.response_headers: list[tuple[str, str]] = []
        self.streamed = False
        self.exceptions: list[BaseException] = []
        self._tracebacks: dict[int, str] = {}  # by the id of an exception in that list
        self.unlogged: BaseException | None = None
        self.on_exception: list[Callable[[Request, BaseException], None]] = []
        self.links: dict[str, str] = {}
        self.user_id: str | None = None
        self.span: Any = None  # OpenTelemetry's server span, if Honeycomb or X-Ray over OTLP is on
        self.flask_request: flask.Request | None = None  # from when Flask has routed the request until it ends
        self.route: str | None = None

    @functools.cached_property
    def ids(self) -> trace_id.TraceId:
        return trace_id.written(self.trace_id, trace_id.new_span_id(), sampled=False)

    @property
    def raw_path(self) -> str:
        """Return the path as the client sent it, decoded.

        Do not send it, because it may contain what users typed.
        """
        path: str = self.environ.get("PATH_INFO", "")
        return path.encode("latin-1").decode(errors="replace")

    @property
    def path(self) -> str:
        """Return the path for telemetry.

        This is the route's pattern, because users type into paths. Without a route, it is the first segment of the
        path.
        """
        shown = self.route
        if shown is None:
            first = FIRST_SEGMENT.match(self.raw_path)
            shown = first[0] if first else ""
        root: str = self.environ.get("SCRIPT_NAME", "")
        return root + shown if root else shown

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.host}{self.path}"

    def end(self) -> None:
        self.seconds = time.perf_counter() - self._began
        self.ended_ns = time.time_ns()
        # The environ refers to this request, and so does Flask's request. Only the garbage collector could free them.
        self.flask_request = None
        self.environ = self.environ.copy()
        self.environ.pop(trace_id.KEY, None)

    @property
    def exception(self) -> BaseException | None:
        """Return the exception that decided how the request ended."""
        return self.exceptions[-1] if self.exceptions else None

    def traceback_of(self, exception: BaseException) -> str:
        """Return an exception's traceback.

        Those that the request ended with are formatted once for all vendors: they don't change any more.
        """
        key = id(exception)
        text = self._tracebacks.get(key)
        if text is None:
            text = tracebacks.text(exception, exception.__traceback__)
            if self.seconds and any(exception is known for known in self.exceptions):
                self._tracebacks[key] = text
        return text

    def fail(self, exception: BaseException) -> None:
        """Note an unhandled exception, once, no matter how many layers see it."""
        if any(exception is known for known in self.exceptions):
            return
        self.exceptions.append(exception)
        for notify in self.on_exception:
            try:
                notify(self, exception)
            except Exception:
                logger.exception("telemetry_failed")  # a vendor's error never fails a request


@functools.lru_cache(maxsize=64)  # an app has few hosts, but a client can send any number
def host_of(scheme: str, header: str | None, server: str | None, port: str | None) -> str:
    """Return the host as Flask reports it."""
    return get_host(scheme, header, (server, int(port) if port else None) if server else None)
