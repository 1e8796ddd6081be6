"""Which other origins' pages may call the API: the client's and the API's own, by their literal names."""

import functools
import logging
import re

from flask import Flask, Response, request
from flask.globals import request_ctx
from flask_cors.core import get_cors_headers, get_cors_options
from werkzeug.datastructures import Headers

from config import Settings

# What a browser asks by.
ASKED = ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
ENVIRON_NAMES = [f"HTTP_{name.upper().replace('-', '_')}" for name in ASKED]


def register(app: Flask, settings: Settings) -> None:
    # It has a line to say of each OPTIONS that is no browser's.
    logging.getLogger("flask_cors").setLevel(logging.WARNING)

    @app.before_request
    def answer_preflight() -> Response | None:
        # Flask answers those of the paths that there are. Of one that fails, a page isn't shown the 404 behind it.
        preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        return Response() if preflight and not request.url_rule and request.path.startswith("/api/") else None

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

    @functools.lru_cache(maxsize=32)  # few pages ask, and in few ways; a stranger can fill it, with 24 KB a request
    def allowed(method: str, *asked: str | None) -> list[tuple[str, str]]:
        """Kept, because flask-cors would find out anew for each request what it allows a page."""
        headers = Headers([(name, value) for name, value in zip(ASKED, asked, strict=True) if value])
        return [(name, str(value)) for name, value in get_cors_headers(options, headers, method).items(multi=True)]

    @app.after_request
    def add(response: Response) -> Response:
        request = request_ctx.request
        if request.path.startswith("/api/"):
            if "HTTP_ORIGIN" in request.environ:
                response.headers.extend(allowed(request.method, *map(request.environ.get, ENVIRON_NAMES)))
            # For other origins, too, and for who says none: flask-cors leaves it out there.
            if "Vary" in response.headers:
                response.vary.add("Origin")
            else:
                response.headers.add("Vary", "Origin")
        return response
