"""What a client sends in a body."""

from typing import Any

from flask import abort, current_app, request


def json_object() -> dict[str, Any]:
    """The body as a JSON object; a 400 or 415 where it isn't one, a 413 where it is too long."""
    limit = current_app.config["MAX_CONTENT_LENGTH"]
    if request.content_length is None and len(request.get_data()) >= limit:
        abort(413)  # a chunked body, of which werkzeug gives no more than the limit
    try:
        body = request.get_json()
    except RecursionError:
        abort(400, "The JSON is nested too deeply.")
    if not isinstance(body, dict):
        abort(400, "The body has to be a JSON object.")
    return body
