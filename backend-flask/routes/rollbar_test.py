"""Send a message item on request."""

from flask import Blueprint, Response, request

from services.rollbar_test import GREETING, RollbarTest

bp = Blueprint("rollbar_test", __name__)


@bp.get("/rollbar/test")
def rollbar_test() -> Response:
    if request.method == "GET":  # Flask also calls this for HEAD, whose client does not expect an item.
        RollbarTest.run()
    return Response(GREETING, content_type="text/plain; charset=utf-8")
