"""A message item on demand."""

from flask import Blueprint, Response

from services.rollbar_test import RollbarTest

bp = Blueprint("rollbar_test", __name__)


@bp.get("/rollbar/test")
def rollbar_test() -> Response:
    return Response(RollbarTest.run(), content_type="text/plain; charset=utf-8")
