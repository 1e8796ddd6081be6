"""What a client sends in a body."""

import json
from typing import Any, BinaryIO, NoReturn

from flask import abort, request
from werkzeug.exceptions import ClientDisconnected


def json_object() -> dict[str, Any]:
    """The body as a JSON object; a 400 or 415 where it isn't one, a 413 where it is too long.

    Of a name that is there twice, the last counts, as with JavaScript's JSON.parse().
    """
    if not request.is_json:
        abort(415, "The Content-Type has to be application/json.")
    try:
        # Decoded here, because json.loads() takes UTF-16 and UTF-32, too; and after parsing encoded, because half a
        # surrogate pair can be written in JSON, but is no text: UTF-8 has no bytes for it.
        body = json.loads(whole_body().decode("utf-8-sig"), parse_constant=refuse_constant)
        json.dumps(body, ensure_ascii=False).encode()
    except RecursionError:
        abort(400, "The JSON is nested too deeply.")
    except ValueError:
        abort(400, "The body isn't JSON in UTF-8.")
    if not isinstance(body, dict):
        abort(400, "The body has to be a JSON object.")
    return body


def whole_body() -> bytes:
    body = request.get_data()
    if request.content_length is None:
        # Of a chunked body werkzeug gives no more than the limit. Without "terminated", reading on might wait for ever.
        if not request.environ.get("wsgi.input_terminated"):
            if "chunked" in request.headers.get("Transfer-Encoding", ""):
                abort(400, "The server doesn't hand over chunked bodies: send a Content-Length.")
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
    """NaN and the infinities, which Python takes for JSON."""
    raise ValueError(name)
