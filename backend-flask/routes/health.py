"""The state of the API and of its telemetry."""

import os

from flask import Blueprint, Response, current_app, jsonify

bp = Blueprint("health", __name__)


@bp.get("/api/health")
def health() -> Response:
    telemetry = current_app.extensions["sametrace"]
    return jsonify(
        {
            "status": "ok",
            "version": telemetry.service.version,
            "worker": os.getpid(),
            "vendors": telemetry.health(),
        }
    )
