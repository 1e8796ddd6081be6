"""Measure how long gunicorn takes from its start to its first response.

A variant imports its app, and its SDKs, in this time.
"""

import contextlib
import http.client
import random
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from overhead.over_http import SYNC
from overhead.process import MEASURED_CORE, cpu_seconds, on_core
from overhead.receiving import Receivers
from overhead.variants import HOME, OURS, ROOT, Variant, write_rules

STARTS = 9
RETRY_SECONDS = 0.005
GIVE_UP_SECONDS = 30


@dataclass(frozen=True)
class Start:
    """The median of a variant's starts.

    seconds: from the start of gunicorn's master to the first response

    cpu_seconds: of the master and its worker in this time
    """

    variant: Variant
    seconds: float
    cpu_seconds: float


def starts(variants: Sequence[Variant]) -> list[Start]:
    """Start each variant several times, in random order."""
    with contextlib.ExitStack() as stack:
        rules = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_rules(rules)
        receivers = stack.enter_context(Receivers(len(variants)))
        ports = dict(zip((variant.name for variant in variants), receivers.ports, strict=True))
        measured: dict[str, list[tuple[float, float]]] = {variant.name: [] for variant in variants}
        for _ in range(STARTS):
            for variant in random.sample(variants, len(variants)):
                measured[variant.name].append(one_start(variant, ports[variant.name], rules))
    return [
        Start(variant, *(statistics.median(column) for column in zip(*measured[variant.name], strict=True)))
        for variant in variants
    ]


def one_start(variant: Variant, port: int, rules: Path) -> tuple[float, float]:
    """Return the seconds until the first response, and the CPU seconds.

    Raises RuntimeError if it doesn't start, or if the status isn't 200.
    """
    with socket.create_server(("127.0.0.1", 0)) as unused:
        own_port = unused.getsockname()[1]
    gunicorn = ["-m", "gunicorn", f"--bind=127.0.0.1:{own_port}", "--log-level=error", *SYNC, f"{variant.app}:app"]
    with tempfile.TemporaryFile("w+") as log:
        with on_core(MEASURED_CORE):
            began = time.monotonic()
            master = subprocess.Popen(
                [*variant.command(), *gunicorn],
                env=variant.environment(port, rules),
                cwd=variant.backend if variant.app == OURS else ROOT / "benchmarks",
                stdout=log,
                stderr=log,
            )
        try:
            status = first_status(own_port, master, began + GIVE_UP_SECONDS)
            seconds = time.monotonic() - began
            if status != 200:
                log.seek(0)
                raise RuntimeError(f"{variant.name} does not start, status {status}:\n{log.read()[-4000:]}")
            children = Path(f"/proc/{master.pid}/task/{master.pid}/children").read_text().split()
            return seconds, sum(map(cpu_seconds, (master.pid, *map(int, children))))
        finally:
            master.terminate()
            master.wait()


def first_status(port: int, master: subprocess.Popen[bytes], deadline: float) -> int | None:
    """Request the home feed as soon as gunicorn listens, and return the status.

    The response arrives when its worker has loaded the app. If that fails, there is none, and this returns None.
    """
    while time.monotonic() < deadline and master.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_SECONDS)
        with contextlib.closing(connection):
            try:
                connection.request("GET", HOME)
                return connection.getresponse().status
            except ConnectionRefusedError:
                time.sleep(RETRY_SECONDS)
            except (OSError, http.client.HTTPException):
                break
    return None
