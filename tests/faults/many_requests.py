"""Send very many requests to an app in this process, one after the other, as fast as their telemetry is sent.

python many_requests.py fault_app:create_app() 60000 FILE

FILE gets, as JSON, the process's memory in KiB after each 5,000 requests, and the number of responses by status.
"""

import importlib
import io
import json
import os
import sys
import time
from collections import Counter
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from arrivals import paths
from wirings import OURS, status_of

STEP = 5_000
LOOK = 100
BEHIND = 500  # requests; fewer than fit in the plain wiring's queues
TIMEOUT_SECONDS = 6  # OpenTelemetry sends every five by default


class Pace:
    """Limits the rate.

    Without a server's threads and network, requests would take all CPU time, and none would be sent.
    """

    def __init__(self, vendors: str) -> None:
        self._vendors = HTTPConnection(vendors.removeprefix("http://"))
        self._given_up = 0

    def keep(self, requested: int) -> None:
        """Wait for the spans and the segments.

        (The plain wiring sends lines once a minute, from an unbounded queue.)
        """
        end = time.monotonic() + TIMEOUT_SECONDS
        while (missing := requested - self._arrived()) - self._given_up > BEHIND:
            if time.monotonic() > end:
                self._given_up = missing
                return
            time.sleep(0.01)

    def _arrived(self) -> int:
        self._vendors.request("GET", "/arrived")
        arrived: dict[str, int] = json.load(self._vendors.getresponse())
        return min(arrived["honeycomb"], arrived["xray"])


def app_of(name: str) -> Flask:
    """Return the app in gunicorn's notation: module:attribute, or module:factory()."""
    module, _, attribute = name.partition(":")
    found = getattr(importlib.import_module(module), attribute.removesuffix("()"))
    app: Flask = found() if attribute.endswith("()") else found
    return app


def status(app: Flask, path: str) -> int:
    statuses = []

    def start_response(line: str, *_: Any) -> None:
        statuses.append(int(line[:3]))

    environ = EnvironBuilder(path=path).get_environ()
    environ["wsgi.errors"] = io.StringIO()
    body: Any = app.wsgi_app(environ, start_response)
    for _ in body:
        pass
    if hasattr(body, "close"):
        body.close()
    return statuses[0]


def main(name: str, number: int, file: Path) -> None:
    app = app_of(name)
    pace = Pace(os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"])
    memory = []
    statuses: Counter[int] = Counter()
    if name == OURS.app:
        app.extensions["sametrace"].start()
    for requested, path in enumerate(paths(number, failing=1_000), 1):
        statuses[status(app, path)] += 1
        if requested % LOOK == 0:
            pace.keep(requested)
        if requested % STEP == 0:
            memory.append(status_of(os.getpid(), "VmRSS"))
    file.write_text(json.dumps({"memory": memory, "statuses": statuses}), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
