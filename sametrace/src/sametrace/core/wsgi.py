"""The WSGI layer around the app.

A request begins and ends here, once, for every vendor.
"""

import contextvars
import functools
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask

from sametrace.core import access_log, flask_hooks, propagation
from sametrace.core.request import Request
from sametrace.core.streamed_body import StreamedBody
from sametrace.core.trace_id import KEY, current, current_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

logger = logging.getLogger(__name__)

End = Callable[[Request], None]
Begin = Callable[[Request], End | None]


class RequestLayer:
    """Runs each request in its own contextvars.Context.

    What the request leaves in the context ends with it, and a streamed body runs in the context of its view.

    begins: called when a request begins; each may return a function, which is called when the request ends, last one
    first

    untraced: paths of health checks, which no vendor sees

    trust: which callers may set the trace id

    ready: called before the first request
    """

    def __init__(
        self,
        app: Flask,
        begins: list[Begin],
        untraced: frozenset[str],
        trust: propagation.Trust,
        ready: Callable[[], None],
    ) -> None:
        self._app: WSGIApplication = app.wsgi_app
        self._begins = begins
        self._untraced = untraced
        self._trust = trust
        self._ready = ready
        app.wsgi_app = self  # type: ignore[method-assign]
        flask_hooks.add(app)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        self._ready()
        environ = dict(environ)  # a copy: the server uses its own afterwards
        context = contextvars.copy_context()
        # If the view of another request makes this one, for example with the app's test client
        outer = current() if context else None
        request = environ[KEY] = Request(environ, propagation.take_over(environ, self._trust), outer)
        return context.run(self._serve, request, context, start_response)

    def _serve(
        self, request: Request, context: contextvars.Context, start_response: "StartResponse"
    ) -> Iterable[bytes]:
        current_request.set(request)
        ends = self._begin(request) if request.environ.get("PATH_INFO") not in self._untraced else None

        vendors_headers = request.response_headers

        def start(status: str, headers: list[tuple[str, str]], *exc_info: Any) -> Any:
            request.status = int(status[:3])
            request.response_headers = [
                *headers,
                *vendors_headers,
                ("X-Request-Id", request.ids.trace_id),
                ("Server-Timing", f'traceparent;desc="{request.ids.traceparent}"'),
            ]
            return start_response(status, request.response_headers, *exc_info)

        try:
            body = self._app(request.environ, start)
        except BaseException as error:
            request.status = 500  # the server responds in its place
            request.fail(error)
            end(request, ends)
            raise
        if request.streamed:
            streamed = StreamedBody(body, request, context, functools.partial(end, request, ends))
            return streamed.or_file(request.environ.get("wsgi.file_wrapper"))
        end(request, ends)
        return body

    def _begin(self, request: Request) -> list[End]:
        ends: list[End] = []
        for begin in self._begins:
            try:
                vendors_end = begin(request)
            except Exception:
                logger.exception("telemetry_failed")  # of a vendor, which never fails a request
            else:
                if vendors_end:
                    ends.append(vendors_end)
        return ends


def end(request: Request, ends: list[End] | None) -> None:
    """End the request.

    ends: None for an untraced request, whose exception is still logged
    """
    request.end()
    if ends is not None or request.exceptions:
        access_log.log(request)
    for vendors_end in reversed(ends or []):
        try:
            vendors_end(request)
        except Exception:
            logger.exception("telemetry_failed")
