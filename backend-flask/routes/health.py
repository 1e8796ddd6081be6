"""How the API and its telemetry are."""

from flask import Blueprint, Response, current_app, jsonify

bp = Blueprint("health", __name__)


@bp.get("/api/health")
def health() -> Response:
    return jsonify(current_app.extensions["health"]())
