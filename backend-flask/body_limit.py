"""Refuse a body over 64 KiB on every route.

The rest of the body is read, so that the client receives the response.
"""

import contextlib

from flask import Flask, Response, abort, request
from gunicorn.http.errors import ParseException
from werkzeug.exceptions import RequestEntityTooLarge

import errors

MAX_BODY_BYTES = 64 * 1024
MAX_SKIPPED_BYTES = 16 * 1024 * 1024


def register(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.register_error_handler(RequestEntityTooLarge, too_large)
    app.register_error_handler(ParseException, unreadable)

    @app.before_request
    def check_content_length() -> None:
        # A chunked body has no Content-Length. It is checked where it is read: in routes.request_body.
        if "CONTENT_LENGTH" in request.environ and (request.content_length or 0) > MAX_BODY_BYTES:
            abort(413)


def too_large(error: RequestEntityTooLarge) -> Response:
    # Read the rest of the body, so that the client receives the response. Most clients read it after they have sent
    # everything, and report a network failure if the connection closes first (gunicorn.conf.py makes it close).
    body = request.environ["wsgi.input"]
    with contextlib.suppress(OSError, ParseException):
        for _ in range(MAX_SKIPPED_BYTES // MAX_BODY_BYTES):
            if not body.read(MAX_BODY_BYTES):
                break
    return errors.http_exception(error)


def unreadable(error: ParseException) -> Response:
    """Handle the error that gunicorn raises for a body with malformed chunks."""
    return errors.problem(400, "The chunks of the body are malformed.")
