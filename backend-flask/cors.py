"""Which other origins' pages may call the API: the client's and the API's own, by their literal names."""

import functools
import logging
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from flask_cors.core import get_cors_headers, get_cors_options
from werkzeug.datastructures import Headers
from werkzeug.exceptions import NotFound

import errors
from config import Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# What a browser asks by.
ASKED = ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
ENVIRON_NAMES = [f"HTTP_{name.upper().replace('-', '_')}" for name in ASKED]


def register(app: Flask) -> None:
    @app.errorhandler(NotFound)
    def answer_preflight(error: NotFound) -> Response:
        # Flask answers those to paths that there are. To others it says 404, and the browser then doesn't show the
        # page the 404 of the request itself.
        preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        unknown = not request.url_rule and request.path.startswith("/api/")
        return Response() if preflight and unknown else errors.http_exception(error)


def headers(app: Flask, settings: Settings) -> "Callable[[WSGIEnvironment], list[tuple[str, str]]]":
    """What finds the headers by which a request's answer may be read."""
    # It logs a line for each OPTIONS that asks for a method that isn't allowed.
    logging.getLogger("flask_cors").setLevel(logging.WARNING)
    # Compiled, because flask-cors takes a string with "[" in it (an IPv6 origin) for a pattern.
    origins = [re.compile(re.escape(origin) + r"\Z") for origin in (settings.frontend_url, settings.backend_url)]
    options = get_cors_options(
        app,
        {
            "origins": origins,
            "methods": ["OPTIONS", "GET", "HEAD", "POST"],
            "allow_headers": ["content-type", "if-modified-since", "traceparent", "tracestate", "baggage"],
            "expose_headers": ["location", "link", "x-request-id", "server-timing"],
            "max_age": 600,
            "vary_header": False,
        },
    )

    @functools.lru_cache(maxsize=32)  # few pages ask, and in few ways; strangers could fill it, with 24 KB each
    def allowed(method: str, *asked: str | None) -> list[tuple[str, str]]:
        """Kept, because flask-cors would find out anew for each request what it allows a page."""
        headers = Headers([(name, value) for name, value in zip(ASKED, asked, strict=True) if value])
        return [(name, str(value)) for name, value in get_cors_headers(options, headers, method).items(multi=True)]

    def found(environ: "WSGIEnvironment") -> list[tuple[str, str]]:
        path = environ.get("PATH_INFO", "")
        if not f"/{path.lstrip('/')}".startswith("/api/"):  # Flask finds the route whatever slashes are in front
            return []
        # For other origins, too, and for callers that say none: flask-cors leaves it out there.
        vary = [("Vary", "Origin")]
        if "HTTP_ORIGIN" not in environ:
            return vary
        return vary + allowed(environ["REQUEST_METHOD"], *map(environ.get, ENVIRON_NAMES))

    return found
