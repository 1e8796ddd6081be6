"""Run the API under gunicorn in its own process."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import requests

import network_guard
import preloaded

TESTS = Path(__file__).parent
BACKEND = TESTS.parent / "backend-flask"
# If sync has several threads, gunicorn uses gthread instead.
WORKER_CLASSES = {"sync": ("--worker-class=sync", "--threads=1"), "gthread": ("--worker-class=gthread",)}


def environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a process: the API's settings, a rule that samples every request, and PATH."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(BACKEND), str(TESTS), str(TESTS / "wire")]),
        "XRAY_SAMPLING_RULE": str(TESTS / "wire" / "every_request.json"),
        **environ,
    }


class GunicornServer:
    """A running server, which responds on `url` within the context. At the end, it checks that it used loopback only.

    arguments: gunicorn's, such as "--workers=2"; by default one worker, which starts twice as fast

    command: instead of gunicorn's

    environ: the API's settings
    """

    directory = BACKEND
    lines: IO[str] | None = None  # where to write the app's stdout; by default, into the log
    listening = r"Listening at: (http://\S+)"  # the line that contains the URL
    first_path: str | None = "/api/health"  # the path that a worker must serve first; None: no request is sent

    def __init__(
        self,
        environ: Mapping[str, str],
        *arguments: str,
        app: str = "wire_app:create_app()",
        command: Sequence[str] | None = None,
    ) -> None:
        gunicorn = [sys.executable, "-m", "gunicorn", "--bind=127.0.0.1:0", "--workers=1"]
        self._command = command or [*gunicorn, *arguments, app]
        self._environ = environment(environ)
        self._log: list[str] = []
        self._logged = threading.Condition()

    def __enter__(self) -> Self:
        self._process, self._read_from = self._start()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self.url = self.wait_for_line(self.listening)
            if requested := re.findall("--worker-class=(.+)", "\n".join(self._command)):
                self.wait_for_line(f"Using worker: {requested[-1]}")
            self._wait_for_a_worker()
        except AssertionError:
            self._process.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        assert network_guard.MARK not in self.log

    @property
    def pid(self) -> int:
        """Return the process ID of gunicorn's master."""
        return self._process.pid

    @property
    def log(self) -> str:
        """Return what was written to stdout and stderr so far."""
        with self._logged:
            return "".join(self._log)

    def wait_for_line(self, pattern: str, timeout: float = 20) -> str:
        """Wait for a line that matches the pattern. Return its first group."""
        found: list[str] = []

        def look() -> bool:
            match = re.search(pattern, "".join(self._log))
            found.extend([match[1] if match.re.groups else match[0]] if match else [])
            return bool(found) or self._process.poll() is not None

        with self._logged:
            self._logged.wait_for(look, timeout)
        assert found, f"no line {pattern!r} in:\n{self.log}"
        return found[0]

    def send(self, sent: signal.Signals) -> None:
        self._process.send_signal(sent)

    def wait(self, timeout: float = 20) -> int:
        """Wait until it ends by itself, and return its exit status."""
        return self._process.wait(timeout)

    def stop(self, sent: signal.Signals = signal.SIGTERM, timeout: float = 20) -> int:
        """Stop it, and return its exit status. After `timeout` seconds, send SIGKILL and raise TimeoutExpired."""
        if self._process.poll() is None:
            self._process.send_signal(sent)
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise
        finally:
            self._reader.join(5)
            self._read_from.close()
        return status

    def _start(self) -> tuple[preloaded.Process | subprocess.Popen[bytes], IO[str]]:
        """Return the process, and the stream of its output."""
        read_end, write_end = os.pipe()
        with os.fdopen(write_end, "w") as written:
            process = preloaded.start(self._command, self.directory, self._environ, self.lines or written, written)
        return process, os.fdopen(read_end, encoding="utf-8")

    def _wait_for_a_worker(self) -> None:
        """Wait for a worker: gunicorn listens before one can respond, and long before on a busy machine."""
        # If no worker boots, gunicorn closes the connection. A test of that reads the log.
        with contextlib.suppress(requests.ConnectionError):
            if self.first_path:
                requests.get(self.url + self.first_path, timeout=60)

    def _read(self) -> None:
        for line in self._read_from:
            with self._logged:
                self._log.append(line)
                self._logged.notify_all()
        with self._logged:
            self._logged.notify_all()
