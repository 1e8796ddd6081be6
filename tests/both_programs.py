"""Run the API and the telemetry console as `make run` does, on free ports."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import SystemRandom

import requests

from console_server import CONSOLE
from gunicorn_server import GunicornServer
from loopback import LOOPBACK

RUN = [sys.executable, str(CONSOLE / "run.py")]


# Below those that Linux and macOS give to a socket that requests any port. Such a port could be another program's by
# the time it is used.
PORTS = range(20_000, 32_000)


def own_ports() -> Iterator[int]:
    """Yield in random order, each once, the ports that no other process of pytest-xdist uses."""
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    own = PORTS[process :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))]
    # Not in an order of `random`, which pytest-randomly seeds alike in each process.
    yield from SystemRandom().sample(own, len(own))


unused = own_ports()


def free_port() -> str:
    """Return a port that nobody listens on, by TCP or UDP, and that was not returned before."""
    for port in unused:
        with suppress(OSError), socket.create_server((LOOPBACK, port)), socket.socket(type=socket.SOCK_DGRAM) as udp:
            udp.bind((LOOPBACK, port))
            return str(port)
    raise AssertionError("no port is free")


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
        """Send the API a request, once both programs listen. Return the trace id."""
        self.wait_for_line(r"Listening at: http://\S+,")  # the console, which has two ports
        self.url = self.wait_for_line(r"Listening at: (http://[^\s,]+) \(")
        return requests.get(self.url + path, timeout=60).headers["X-Request-Id"]
