"""Allow pages of the client's and the API's own origin to call the API.

Origins are compared literally.
"""

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

# The headers of a preflight request.
REQUESTED = ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
ENVIRON_NAMES = [f"HTTP_{name.upper().replace('-', '_')}" for name in REQUESTED]


def register(app: Flask) -> None:
    @app.errorhandler(NotFound)
    def respond_to_preflight(error: NotFound) -> Response:
        # Flask responds to a preflight of a known path. For an unknown path it responds 404, and the browser then does
        # not show the page the 404 of the request itself.
        preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        unknown = not request.url_rule and request.path.startswith("/api/")
        return Response() if preflight and unknown else errors.http_exception(error)


def headers(app: Flask, settings: Settings) -> "Callable[[WSGIEnvironment], list[tuple[str, str]]]":
    """Return a function that finds the CORS headers of a response."""
    # flask-cors logs a line for each OPTIONS request whose method isn't allowed.
    logging.getLogger("flask_cors").setLevel(logging.WARNING)
    # Compiled, because flask-cors uses a string with "[" in it (an IPv6 origin) as a pattern.
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

    @functools.lru_cache(maxsize=32)  # Pages use few combinations. The limit is for attackers, who can send 24 KB each.
    def allowed(method: str, *requested: str | None) -> list[tuple[str, str]]:
        """Return flask-cors' headers for these request headers.

        They are cached, because flask-cors takes long to calculate them.
        """
        headers = Headers([(name, value) for name, value in zip(REQUESTED, requested, strict=True) if value])
        return [(name, str(value)) for name, value in get_cors_headers(options, headers, method).items(multi=True)]

    def found(environ: "WSGIEnvironment") -> list[tuple[str, str]]:
        path = environ.get("PATH_INFO", "")
        if not f"/{path.lstrip('/')}".startswith("/api/"):  # Flask ignores extra slashes at the front
            return []
        # Add Vary for other origins, and for requests without an origin, too: flask-cors omits it there.
        vary = [("Vary", "Origin")]
        if "HTTP_ORIGIN" not in environ:
            return vary
        return vary + allowed(environ["REQUEST_METHOD"], *map(environ.get, ENVIRON_NAMES))

    return found
