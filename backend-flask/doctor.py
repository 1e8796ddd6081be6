"""`flask doctor`, with advice for this project.

`flask --app doctor doctor` works even if a wrong setting prevents the API from starting.
"""

import http.client
import json
from collections.abc import Iterator, Mapping

from flask import Flask, current_app
from sametrace import Telemetry, settings
from sametrace.doctor import Hints, Mistake, in_values
from sametrace.doctor import command as doctor_command

HINTS = Hints(
    start_receiver="`make run`, in another terminal, or docker compose up starts the telemetry console.",
    start_daemon="docker compose --profile aws up xray-daemon; `make run` starts the telemetry console in its place",
    grant="attach the policy that aws/bin/provision makes, or allow it in IAM.",
    unconfigured="Nothing is configured: `make doctor` checks the telemetry console instead.",
    local_path="/requests/{trace_id}",
)
ORIGINS = ("FRONTEND_URL", "BACKEND_URL")
API = ("127.0.0.1", 4567)  # as in gunicorn.conf.py
TIMEOUT_SECONDS = 2


def create_app() -> Flask:
    app = Flask(__name__, static_folder=None)
    app.cli.add_command(command)
    return app


def load() -> Telemetry:
    """Return the API's telemetry, or raise what prevents the API from starting."""
    telemetry: Telemetry | None = current_app.extensions.get("sametrace")
    if telemetry is None:  # if this module's create_app() made the app
        from app import create_app as create_api  # noqa: PLC0415 - the doctor reports what it raises

        telemetry = create_api().extensions["sametrace"]
    return telemetry


def checks() -> Iterator[Mistake]:
    yield from in_origins(settings.environment())
    yield from in_port()


def in_origins(environ: Mapping[str, str]) -> Iterator[Mistake]:
    yield from in_values(environ, ORIGINS)
    for name in ORIGINS:
        if environ.get(name, "").endswith("/"):
            yield Mistake(
                f"{name} ends with a slash, which a browser's Origin never does. The API ignores it, but "
                "other programs may not: leave the slash out.",
                harmful=False,
            )


def in_port() -> Iterator[Mistake]:
    if is_port_taken():
        host, port = API
        yield Mistake(
            f"Port {port} is in use by a program that isn't the API: stop it, or use "
            f"`make run GUNICORN_CMD_ARGS=--bind={host}:{port + 1}`."
        )


def is_port_taken() -> bool:
    """Return whether another program uses the API's port."""
    connection = http.client.HTTPConnection(*API, timeout=TIMEOUT_SECONDS)
    try:
        connection.connect()
    except OSError:
        return False
    try:
        connection.request("GET", "/api/health")
        health = json.loads(connection.getresponse().read(65536))
    except (OSError, ValueError, http.client.HTTPException):
        return True
    finally:
        connection.close()
    return not (isinstance(health, dict) and "vendors" in health)


command = doctor_command(load, HINTS, checks)
