"""Measure the variants over HTTP, coarsely.

Each is served by gunicorn with one sync worker. The variants take turns, and each request opens a connection. A server
is paused between its turns, because it sends the last telemetry of a turn afterwards, which would delay the next one's
requests.
"""

import contextlib
import os
import random
import re
import signal
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gunicorn_server import GunicornServer
from overhead.clients import send_requests
from overhead.process import DRIVERS_CORE, MEASURED_CORE, on_core
from overhead.receiving import Receivers
from overhead.variants import HOME, OURS, ROOT, Variant, write_rules

TURN_REQUESTS = 400
BUSY_CLIENTS = 4  # more than one worker can serve at once
# If threads were set, as in the API's gunicorn.conf.py, gunicorn would use gthread instead of sync.
SYNC = ("--worker-class=sync", "--workers=1", "--threads=1")


@dataclass
class Responses:
    """How fast a variant responds.

    seconds: of each request, sent by one client, one after the other

    busy_requests, busy_seconds: the requests of several clients at once, and the time they took together
    """

    variant: Variant
    seconds: list[float] = field(default_factory=list)
    busy_requests: int = 0
    busy_seconds: float = 0.0

    @property
    def per_second(self) -> float:
        return self.busy_requests / self.busy_seconds

    def milliseconds(self, percent: int) -> float:
        return sorted(self.seconds)[len(self.seconds) * percent // 100] * 1000


class Server(GunicornServer):
    """A variant under gunicorn, on another core than the driver.

    The API uses its gunicorn.conf.py.
    """

    first_path = None  # the variants have only the measured route in common

    def __init__(self, variant: Variant, port: int, rules: Path, *arguments: str) -> None:
        super().__init__(variant.environment(port, rules), *arguments, app=f"{variant.app}:app")
        self._command = [*variant.command(), *self._command[1:]]
        self.directory = variant.backend if variant.app == OURS else ROOT / "benchmarks"
        # A file, as a server's log mostly is. Reading a pipe would take CPU time from the measuring client.
        self.lines = tempfile.TemporaryFile("w")  # noqa: SIM115 - closed in __exit__

    def __exit__(self, *raised: Any) -> None:
        self.resume()  # else it can't stop
        super().__exit__(*raised)
        assert self.lines
        self.lines.close()

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    def workers(self) -> list[int]:
        return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", self.log)]

    def pin(self) -> None:
        """Pin the workers to their core.

        Call it after the first response. Threads that they start later stay on the core.
        """
        for pid in (self.pid, *self.workers()):
            for task in Path(f"/proc/{pid}/task").iterdir():
                os.sched_setaffinity(int(task.name), {MEASURED_CORE})

    def pause(self) -> None:
        self._send_to_each(signal.SIGSTOP)

    def resume(self) -> None:
        self._send_to_each(signal.SIGCONT)

    def _send_to_each(self, sent: signal.Signals) -> None:
        for pid in (self.pid, *self.workers()):
            with contextlib.suppress(ProcessLookupError):  # it may have failed
                os.kill(pid, sent)


@contextlib.contextmanager
def servers(variants: Sequence[Variant], *arguments: str) -> Iterator[list[Server]]:
    """Start a server for each variant, warm it up, and pin it."""
    with contextlib.ExitStack() as stack:
        rules = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        write_rules(rules)
        receivers = stack.enter_context(Receivers(len(variants)))
        stack.enter_context(on_core(DRIVERS_CORE))
        started = [
            stack.enter_context(Server(variant, port, rules, *arguments))
            for variant, port in zip(variants, receivers.ports, strict=True)
        ]
        for server in started:
            send_requests(server.address, HOME, TURN_REQUESTS // 2, BUSY_CLIENTS, keep=False)
            server.pin()
        yield started


def responses(variants: Sequence[Variant], turns: int) -> list[Responses]:
    """Measure how fast each variant responds.

    turns: for each variant, by one client, and then by several
    """
    with servers(variants, *SYNC) as started:
        found = [Responses(variant) for variant in variants]
        measured = list(zip(found, started, strict=True))
        for server in started:
            server.pause()
        for _ in range(turns):
            for result, server in random.sample(measured, len(measured)):
                server.resume()
                take_turn(result, server.address)
                server.pause()
    return found


def take_turn(result: Responses, address: tuple[str, int]) -> None:
    result.seconds += send_requests(address, HOME, TURN_REQUESTS, 1, keep=False)
    began = time.perf_counter()
    send_requests(address, HOME, TURN_REQUESTS, BUSY_CLIENTS, keep=False)
    result.busy_seconds += time.perf_counter() - began
    result.busy_requests += TURN_REQUESTS
