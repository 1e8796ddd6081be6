"""`make run`: start the console and the API together, and stop them together.

Vendors that .env or the environment configures receive their own telemetry. The console receives the rest.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import ports
from settings import SettingError, Settings

ROOT = Path(__file__).resolve().parent.parent
API_PORT = 4567  # from backend-flask/gunicorn.conf.py
API_WAY_OUT = f"use `make run GUNICORN_CMD_ARGS=--bind=127.0.0.1:{API_PORT + 1}`"
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STOP_SECONDS = 20  # longer than gunicorn's graceful_timeout


def main() -> int:
    try:
        settings = Settings.from_env()
        ports.check(settings)
        if "-b" not in os.environ.get("GUNICORN_CMD_ARGS", ""):  # also matches "--bind"
            ports.check_port("127.0.0.1", API_PORT, socket.SOCK_STREAM, API_WAY_OUT)
        to_console, elsewhere = vendors(os.environ, settings)
    except SettingError as error:
        raise SystemExit(f"make run: {error}") from error
    for received in STOPPING:
        signal.signal(received, _stop)
    environ = os.environ | for_development(os.environ)
    console_environ = environ | {"CONSOLE_FOLDER": str(settings.folder), "CONSOLE_VENDORS_ELSEWHERE": elsewhere}
    console_environ.pop("GUNICORN_CMD_ARGS", None)  # it is for the API
    # Contexts end in reverse, so the console stops last: the API still sends its queues when it stops.
    with _gunicorn("console", console_environ), _gunicorn("backend-flask", environ | to_console):
        _, status = os.wait()  # until one of them ends, or a signal arrives
    return os.waitstatus_to_exitcode(status)


def vendors(environ: Mapping[str, str], settings: Settings) -> tuple[dict[str, str], str]:
    """Return the variables that point unconfigured vendors to the console.

    The second value has the names of the other vendors, separated by commas. Raise SettingError.
    """
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host
    url = f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
    here = {
        "honeycomb": {"OTEL_EXPORTER_OTLP_ENDPOINT": url},
        "xray": {"XRAY_EXPORTER": "daemon", "AWS_XRAY_DAEMON_ADDRESS": f"{host}:{settings.xray_port}"},
        "cloudwatch": {
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": url,
            "AWS_ACCESS_KEY_ID": "console",
            "AWS_SECRET_ACCESS_KEY": "console",
            "AWS_SESSION_TOKEN": "",
        },
        "rollbar": {"ROLLBAR_ACCESS_TOKEN": "console", "ROLLBAR_ENDPOINT": f"{url}/api/1/"},
    }
    # Over OTLP, X-Ray needs a region, and no daemon.
    otlp = environ.get("XRAY_EXPORTER", "").strip().lower() == "otlp"
    regions = ["AWS_REGION", "AWS_DEFAULT_REGION"]
    turned_on_by = {
        "honeycomb": ["OTEL_EXPORTER_OTLP_ENDPOINT", "HONEYCOMB_API_KEY"],
        "xray": regions if otlp else ["AWS_XRAY_DAEMON_ADDRESS"],
        "cloudwatch": regions,
        "rollbar": ["ROLLBAR_ACCESS_TOKEN"],
    }
    elsewhere = [
        vendor for vendor, names in turned_on_by.items() if any(environ.get(name, "").strip() for name in names)
    ]
    if ":" in host and "xray" not in elsewhere:
        raise SettingError(
            f"CONSOLE_HOST is {settings.host!r}, and X-Ray's SDK accepts no IPv6 address: use 127.0.0.1 or localhost,"
            " or set AWS_XRAY_DAEMON_ADDRESS"
        )
    to_console: dict[str, str] = {}
    for vendor, variables in here.items():
        if vendor not in elsewhere:
            to_console |= variables
    return to_console, ",".join(elsewhere)


def for_development(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the settings for development, for variables that aren't set.

    The React client's pages may send telemetry, and the API continues their traces. A request may be from another mock
    user.
    """
    frontend = environ.get("FRONTEND_URL", "").strip() or "http://localhost:3000"
    chosen = {"CONSOLE_ALLOWED_ORIGINS": frontend, "TRUST_TRACE_HEADERS": "frontend", "MOCK_USERS": "yes"}
    return {name: value for name, value in chosen.items() if not environ.get(name, "").strip()}


@contextmanager
def _gunicorn(folder: str, environ: Mapping[str, str]) -> Iterator[None]:
    """Run gunicorn in the folder of one of the two programs until the block ends."""
    command = [sys.executable, "-m", "gunicorn", "app:create_app()"]
    # In its own session, because ctrl-c reaches a terminal's whole session: both programs would stop at once, not in
    # order.
    process = subprocess.Popen(command, cwd=ROOT / folder, env=environ, start_new_session=True)
    try:
        yield
    finally:
        _ignore_signals()
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _stop(received: int, frame: FrameType | None) -> NoReturn:
    # Before the contexts end. A second signal (make forwards the one that its process group also receives) would raise
    # while the API stops, and leave it running.
    _ignore_signals()
    raise SystemExit(0)


def _ignore_signals() -> None:
    for received in STOPPING:
        signal.signal(received, signal.SIG_IGN)


if __name__ == "__main__":
    raise SystemExit(main())
