"""Routes for the fault tests, in the API and in the plain wiring."""

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
        """Raise an exception of the requested class."""
        raise type(request.args.get("kind", "Fault"), (Exception,), {})("raised for a test")

    @app.get("/api/faults/lines")
    def write_lines() -> str:
        """Write this many log lines at this rate per second, or as fast as possible."""
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
        """Take longer than gunicorn's timeout."""
        time.sleep(60)
        return "late"
