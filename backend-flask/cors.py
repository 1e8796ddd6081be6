"""Which other origins' pages may call the API: the client's and the API's own, by their literal names."""

import logging
import re

from flask import Flask, Response, request
from flask_cors import CORS

from config import Settings


def register(app: Flask, settings: Settings) -> None:
    # It has a line to say of each OPTIONS that is no browser's.
    logging.getLogger("flask_cors").setLevel(logging.WARNING)

    @app.before_request
    def answer_preflight() -> Response | None:
        # Flask answers those of the paths that there are. Of one that fails, a page isn't shown the 404 behind it.
        preflight = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
        return Response() if preflight and not request.url_rule and request.path.startswith("/api/") else None

    @app.after_request
    def vary(response: Response) -> Response:
        # On what other origins get, too, and who says none; flask-cors leaves it out there.
        if request.path.startswith("/api/"):
            response.vary.add("Origin")
        return response

    # Compiled, because flask-cors takes a string with "[" in it (an IPv6 origin) for a pattern.
    origins = [re.compile(re.escape(origin) + r"\Z") for origin in (settings.frontend_url, settings.backend_url)]
    CORS(
        app,
        resources={r"/api/.*": {"origins": origins}},
        methods=["OPTIONS", "GET", "HEAD", "POST"],
        allow_headers=["content-type", "if-modified-since", "traceparent", "tracestate", "baggage"],
        expose_headers=["location", "link", "x-request-id", "server-timing"],
        max_age=600,
        vary_header=False,
    )
