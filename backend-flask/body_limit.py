"""No body over 64 KiB, on whatever route: refused so that the client gets to hear of it."""

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
        # What has none, a chunked body, is checked where it's read: by routes.request_body.
        if "CONTENT_LENGTH" in request.environ and (request.content_length or 0) > MAX_BODY_BYTES:
            abort(413)


def too_large(error: RequestEntityTooLarge) -> Response:
    # Read on, so that the client sees the answer: most listen when they have sent all, and take a connection that is
    # closed meanwhile (as gunicorn.conf.py has it) for a failure of the network.
    body = request.environ["wsgi.input"]
    with contextlib.suppress(OSError, ParseException):
        for _ in range(MAX_SKIPPED_BYTES // MAX_BODY_BYTES):
            if not body.read(MAX_BODY_BYTES):
                break
    return errors.http_exception(error)


def unreadable(error: ParseException) -> Response:
    """What gunicorn raises while a chunked body is read, whose chunks aren't as HTTP has them."""
    return errors.problem(400, "The chunks of the body can't be told apart.")
