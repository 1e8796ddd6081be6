"""Run the API and the telemetry console as `make run` does, on free ports."""

import socket
import sys
from pathlib import Path

import requests

from console_server import CONSOLE
from gunicorn_server import GunicornServer
from loopback import LOOPBACK

RUN = [sys.executable, str(CONSOLE / "run.py")]


def free_port() -> str:
    with socket.create_server((LOOPBACK, 0)) as taken:
        return str(taken.getsockname()[1])


class Run(GunicornServer):
    """Both programs. `url` is the API's, `console_url` the console's.

    folder: where the console stores what it receives

    environ: settings
    """

    directory = CONSOLE.parent
    first_path = None  # the first URL that listens may be the console's or the API's
    command = RUN

    def __init__(self, folder: Path, **environ: str) -> None:
        port = free_port()
        self.console_url = f"http://{LOOPBACK}:{port}"
        ports = {"CONSOLE_PORT": port, "CONSOLE_GRPC_PORT": free_port(), "CONSOLE_XRAY_PORT": free_port()}
        settings = {"CONSOLE_FOLDER": str(folder), "GUNICORN_CMD_ARGS": "--bind=127.0.0.1:0 --workers=1"}
        super().__init__({"PYTHONPATH": "", **settings, **ports, **environ})
        self._command = self.command

    def request(self, path: str) -> str:
        """Send the API a request, once it serves. Return the trace id."""
        self.url = self.wait_for_line(r"Listening at: (http://[^\s,]+) \(")
        return requests.get(self.url + path, timeout=60).headers["X-Request-Id"]
