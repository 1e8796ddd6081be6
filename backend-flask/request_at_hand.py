"""The request at hand, without Flask's proxy of it."""

from collections.abc import Callable
from typing import Any

from flask import Request, request
from flask.globals import request_ctx

# For hooks, which look several times at every request: through flask.request each look takes twenty times as long.
request_at_hand: Callable[[], Request] = request._get_current_object  # type: ignore[attr-defined]
_context_at_hand: Callable[[], Any] = request_ctx._get_current_object  # type: ignore[attr-defined]

CONTEXT = "cruddur.context"  # in the environ: the id of the request's own


def is_in_a_copy() -> bool:
    """Whether this is a copy of the request's context, such as flask.copy_current_request_context() makes for a thread:
    it is torn down as well, and the request goes on. Whoever asks first, before the view, is in the request's own.
    """
    context = _context_at_hand()
    own: int = context.request.environ.setdefault(CONTEXT, id(context))
    return own != id(context)
