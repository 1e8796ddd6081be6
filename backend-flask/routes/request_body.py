"""Read the body of a request."""

import json
from collections.abc import Collection
from typing import Any, BinaryIO, NoReturn

from flask import abort, request
from werkzeug.exceptions import ClientDisconnected

MAX_LEVELS = 100  # of lists and objects inside the body's own. Python's limit depends on its version.


def json_object() -> dict[str, Any]:
    """Return the body as a JSON object.

    The response is 400 or 415 if it isn't one, and 413 if it is too long. If a name occurs twice, the last one counts,
    as in JavaScript's JSON.parse().
    """
    if not request.is_json:
        abort(415, "The Content-Type has to be application/json.")
    try:
        # Decode first, because json.loads() also accepts UTF-16 and UTF-32. Encode after parsing, because JSON can
        # contain half a surrogate pair, which UTF-8 can't encode.
        text = whole_body().decode("utf-8-sig")
        body = json.loads(text, parse_constant=refuse_constant)
        if text.count("[") + text.count("{") > MAX_LEVELS:
            check_levels(body)
        json.dumps(body, ensure_ascii=False).encode()
    except RecursionError:  # from check_levels(), or from json in Python older than 3.14
        abort(400, "The JSON is nested too deeply.")
    except ValueError:
        abort(400, "The body isn't JSON in UTF-8.")
    if not isinstance(body, dict):
        abort(400, "The body has to be a JSON object.")
    return body


def check_levels(body: Any) -> None:
    """Raise RecursionError if the body is nested deeper than MAX_LEVELS."""
    level = [body]
    for _ in range(MAX_LEVELS + 1):
        level = [value for one in level for value in values_in(one) if isinstance(value, (dict, list))]
    if level:
        raise RecursionError


def values_in(value: Any) -> Collection[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def whole_body() -> bytes:
    body = request.get_data()
    if request.content_length is None:
        # werkzeug reads a chunked body up to the limit only. Without "terminated", a further read could wait forever.
        if not request.environ.get("wsgi.input_terminated"):
            if "chunked" in request.headers.get("Transfer-Encoding", ""):
                abort(400, "The server doesn't accept chunked bodies: send a Content-Length.")
        elif has_more(request.environ["wsgi.input"]):
            abort(413)
    elif len(body) < request.content_length:
        abort(400, "The body ended before its Content-Length.")
    return body


def has_more(body: BinaryIO) -> bool:
    try:
        return bool(body.read(1))
    except OSError as error:
        raise ClientDisconnected from error  # as get_data() does: a 400


def refuse_constant(name: str) -> NoReturn:
    """Reject NaN and the infinities, which Python accepts as JSON."""
    raise ValueError(name)
