"""A Flask app without telemetry code: `opentelemetry-instrument flask --app flask_app run`."""

import logging

from flask import Flask, abort

app = Flask(__name__)


@app.get("/orders/<int:number>")
def order(number: int) -> dict[str, int]:
    logging.getLogger("shop").warning("order %s is looked at", number)
    if number == 13:
        raise LookupError("no order has this number")
    if number > 100:
        abort(404)
    return {"order": number}
