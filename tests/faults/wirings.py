"""The two measured wirings under gunicorn with the same options: the API, and the plain wiring."""

import os
import re
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from subprocess import TimeoutExpired
from typing import Self

from gunicorn_server import BACKEND, TESTS, GunicornServer
from load import exchange

FAULTS_FOLDER = TESTS / "faults"
HOME = "/api/activities/home"


@dataclass(frozen=True)
class Wiring:
    name: str
    app: str
    directory: Path  # where gunicorn starts, with or without a gunicorn.conf.py


OURS = Wiring("Cruddur", "fault_app:create_app()", BACKEND)
PLAIN = Wiring("plain", "plain_app:app", FAULTS_FOLDER)


class Server(GunicornServer):
    """gunicorn with two gthread workers of four threads, unless `arguments` say otherwise."""

    first_path = None  # the first response is measured, and so is what a request leaves

    def __init__(self, wiring: Wiring, environ: Mapping[str, str], *arguments: str) -> None:
        path = os.pathsep.join(map(str, (BACKEND, TESTS, TESTS / "wire", FAULTS_FOLDER)))
        options = ("--worker-class=gthread", "--threads=4", "--workers=2", "--no-control-socket", *arguments)
        super().__init__({**environ, "PYTHONPATH": path}, *options, app=wiring.app)
        self.directory = wiring.directory
        self.took_to_stop = 0.0  # seconds

    def __enter__(self) -> Self:
        self._began = time.monotonic()
        super().__enter__()
        self.wait_for_line("Booting worker")  # so that workers() returns one
        return self

    def stop(self, sent: signal.Signals = signal.SIGTERM, timeout: float = 20) -> int:
        """Stop it as usual. If it does not stop, kill it without an error. took_to_stop has the seconds."""
        began = time.monotonic()
        if self._process.poll() is None:
            self._process.send_signal(sent)
        try:
            self._process.wait(timeout)
        except TimeoutExpired:
            self._process.kill()
        self.took_to_stop = self.took_to_stop or time.monotonic() - began
        self._kill_workers()  # of a killed master; they keep the log open, which is read to its end
        return super().stop()

    def workers(self) -> list[int]:
        """Return the serving processes, the oldest first."""
        booted = [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", self.log)]
        return [pid for pid in booted if is_running(pid)]

    def kill(self) -> None:
        """Kill it at once, so that it sends nothing more."""
        self.send(signal.SIGKILL)
        self._kill_workers()
        self.stop()

    def seconds_until_served(self, timeout: float) -> float:
        """Return the seconds from the start to the first response; `timeout` if there was none."""
        end = self._began + timeout
        while (left := end - time.monotonic()) > 0:
            if exchange(self.address, HOME, left).status == 200:
                return time.monotonic() - self._began
            time.sleep(0.02)
        return timeout

    @property
    def address(self) -> tuple[str, int]:
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    def _kill_workers(self) -> None:
        for worker in self.workers():
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it ended before the file was opened or read
        return False


def status_of(pid: int, name: str) -> int:
    """Return a number from /proc: VmRSS in KiB, or Threads."""
    found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1])
