"""What every answer tells browsers and caches, unless its route knows better."""

from flask import Flask, Response

HEADERS = {
    # A feed's times are made at the moment of the request, so that no two answers are the same.
    "Cache-Control": "no-store",
    # For who opens an answer in a browser: it is data, neither a page nor part of one.
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    # Pages of other origins read by CORS, or not at all: not as a script or a picture.
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def register(app: Flask) -> None:
    @app.after_request
    def add(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response
