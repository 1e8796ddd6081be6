"""The request at hand, for what sees every one of them."""

from collections.abc import Callable

from flask import Request, request

# Itself, and not what stands for it: each look through flask.request costs as much as what is seen there.
request_at_hand: Callable[[], Request] = request._get_current_object  # type: ignore[attr-defined]
