"""Return every error in one form: RFC 9457's application/problem+json.

The body has the trace id, which a user can quote.
"""

from flask import Flask, Response, jsonify
from sametrace import current_trace_id
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES


class InvalidInput(ValueError):
    """The client sent invalid values.

    codes: everything that is wrong, by the contract's names
    """

    def __init__(self, codes: list[str]) -> None:
        super().__init__(", ".join(codes))
        self.codes = codes


def register(app: Flask) -> None:
    # No handler for Exception: Flask would not send got_request_exception, and Rollbar would not receive the exception.
    # Flask passes an unhandled exception here as an InternalServerError.
    app.register_error_handler(HTTPException, http_exception)
    app.register_error_handler(InvalidInput, invalid_input)


def http_exception(error: HTTPException) -> Response:
    response = problem(error.code or 500, error.description or "")
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value  # Allow of a 405, Retry-After of a 503
    return response


def invalid_input(error: InvalidInput) -> Response:
    return problem(422, "The request has invalid values: see errors.", error.codes)


def problem(status: int, detail: str, codes: list[str] | None = None) -> Response:
    body = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES.get(status, "Unknown"),
        "status": status,
        "detail": detail,
        "errors": codes or [],
        "trace_id": current_trace_id(),
    }
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    return response
