"""The line after each request."""

import logging
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, Response

from request_at_hand import request_at_hand
from telemetry.trace_id import UNTRACED_PATH

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

logger = logging.getLogger("access")

# In the environ, which costs less to look into than flask.g.
BEGAN_SECONDS = "cruddur.began_seconds"  # by time.perf_counter()
EXC_INFO = "cruddur.exc_info"


def instrument(app: Flask) -> None:
    """To be called before any other hook is registered: Flask then ends with ours."""
    serve = app.wsgi_app

    def note_time(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        environ[BEGAN_SECONDS] = time.perf_counter()
        return serve(environ, start_response)

    @app.after_request
    def end(response: Response) -> Response:
        request = request_at_hand()
        if request.path == UNTRACED_PATH:
            return response
        now = time.perf_counter()
        logger.log(
            level_of(response.status_code),
            "request_served",
            extra={
                "method": request.method,
                "route": request.url_rule and request.url_rule.rule,
                "status": response.status_code,
                "ms": round((now - request.environ.get(BEGAN_SECONDS, now)) * 1e6) / 1e3,
            },
            # Of the exception that nobody handled: see app.API. It holds the environ itself, by its frames.
            exc_info=request.environ.pop(EXC_INFO, None),
        )
        return response

    app.wsgi_app = note_time  # type: ignore[method-assign]


def level_of(status: int) -> int:
    if status >= 500:
        return logging.ERROR
    return logging.WARNING if status >= 400 else logging.INFO
