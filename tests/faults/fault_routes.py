"""What the tests of faults ask of the API and of the plain wiring alike."""

import logging
import os
import time

from flask import Flask, Response, request

logger = logging.getLogger(__name__)


def register(app: Flask) -> None:
    @app.after_request
    def name_worker(response: Response) -> Response:
        response.headers["X-Worker"] = str(os.getpid())
        return response

    @app.get("/api/faults/raise")
    def raise_one() -> str:
        """Raises an exception of the class that is requested."""
        raise type(request.args.get("kind", "Fault"), (Exception,), {})("raised for a test")

    @app.get("/api/faults/lines")
    def write_lines() -> str:
        """Writes so many log lines, so many a second (as fast as it can, if it isn't said)."""
        number = int(request.args["number"])
        pause = 1 / float(request.args["rate"]) if "rate" in request.args else 0.0
        for line in range(number):
            logger.info("line_of_a_test", extra={"number": line, "text": "x" * 100})
            if pause:
                time.sleep(pause)
        return str(number)

    @app.get("/api/faults/exit")
    def leave() -> str:
        raise SystemExit("left by a view")

    @app.get("/api/faults/stuck")
    def get_stuck() -> str:
        """Takes longer than gunicorn's timeout."""
        time.sleep(60)
        return "late"
