"""Return every error in one form: RFC 9457's application/problem+json."""

import logging
import sqlite3
from http import HTTPStatus

from flask import Flask, Response, current_app, json, render_template, request
from werkzeug.exceptions import HTTPException, ServiceUnavailable

from store import Full

logger = logging.getLogger(__name__)


def register(app: Flask) -> None:
    app.register_error_handler(HTTPException, http_exception)
    app.register_error_handler(Full, lambda error: problem(503, str(error)))
    app.register_error_handler(sqlite3.DatabaseError, unreadable)


def unreadable(error: sqlite3.DatabaseError) -> Response | HTTPException:
    """Return 503 if the file is missing or damaged, or its disk is full or broken."""
    logger.error("traces_not_read", exc_info=error)
    folder = current_app.extensions["settings"].folder
    detail = f"The stored requests can't be read ({error}): check that {folder} exists, and restart the console."
    return http_exception(ServiceUnavailable(detail))


def http_exception(error: HTTPException) -> Response | HTTPException:
    """Return problem JSON to a program, and a page to a browser."""
    if request.method in {"GET", "HEAD"} and not request.path.startswith("/api/"):
        return _page(error)
    response = problem(error.code or 500, error.description or "")
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value  # a 405's Allow, a 503's Retry-After
    return response


def _page(error: HTTPException) -> Response:
    """Return the error as a page in the console's layout.

    For requests that can't show a page, return plain text.
    """
    status = error.code or 500
    response = Response(render_template("error.html", status=status, detail=error.description or error.name), status)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def problem(status: int, detail: str) -> Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    headers = {"Retry-After": "1"} if status == 503 else None
    return Response(json.dumps(body), status, headers, content_type="application/problem+json")
