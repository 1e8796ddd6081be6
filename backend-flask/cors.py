"""Which other origins' pages may call the API: the client's and the API's own, by their literal names."""

import re

from flask import Flask
from flask_cors import CORS

from config import Settings


def register(app: Flask, settings: Settings) -> None:
    # Compiled, because flask-cors takes a string with "[" in it (an IPv6 origin) for a pattern.
    origins = [re.compile(re.escape(origin) + r"\Z") for origin in (settings.frontend_url, settings.backend_url)]
    CORS(
        app,
        resources={r"/api/.*": {"origins": origins}},
        methods=["OPTIONS", "GET", "HEAD", "POST"],
        allow_headers=["content-type", "if-modified-since", "traceparent", "tracestate", "baggage"],
        expose_headers=["location", "link", "x-request-id", "server-timing"],
        max_age=600,
    )
