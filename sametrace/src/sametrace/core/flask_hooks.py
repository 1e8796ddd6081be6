"""Hooks that note a request's route, exceptions and response in Flask."""

import logging
from typing import Any

import flask
from flask import Flask, Response, got_request_exception

from sametrace.core.trace_id import the_request


def add(app: Flask) -> None:
    app.url_value_preprocessor(note_route)  # first, before the app's own before_request functions
    got_request_exception.connect(note_exception, app)
    app.after_request(note_response)
    app.logger.addFilter(is_for_the_root)


def note_route(endpoint: str | None, values: dict[str, Any] | None) -> None:
    if served := the_request():
        request = flask.request._get_current_object()  # type: ignore[attr-defined]  # documented
        rule = request.url_rule
        served.flask_request = request
        served.route = rule.rule if rule else None


def note_response(response: Response) -> Response:
    if served := the_request():
        served.streamed = response.is_streamed
    return response


def note_exception(app: Flask, exception: BaseException, **_: Any) -> None:
    if served := the_request():
        # Raised before note_route() was called, and not after the request's end
        if served.flask_request is None and not served.seconds and flask.has_request_context():
            note_route(None, None)
        served.fail(exception)
        served.unlogged = exception


def is_for_the_root(record: logging.LogRecord) -> bool:
    """Return False for the line that Flask logs for an exception.

    This filter of the app's logger drops that line, because the access line has the traceback. The app's own handlers,
    such as one that sends mails, still get it. Flask logs it right after its signal.
    """
    served = the_request()
    if not served or not record.exc_info or served.unlogged is None or record.exc_info[1] is not served.unlogged:
        return True
    served.unlogged = None
    below: logging.Logger | None = logging.getLogger(record.name)
    while below and below.parent:
        for handler in below.handlers:
            if record.levelno >= handler.level:
                handler.handle(record)
        below = below.parent if below.propagate else None
    return False
