"""Start Python programs in forks of a process that has already imported the packages: see fork_server.py."""

import atexit
import contextlib
import functools
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

enabled = False  # conftest.py sets it
SHARED = "TESTS_FORK_SERVER"  # the variable with the path of a fork server's socket


class Process:
    """Part of subprocess.Popen, with the same meaning."""

    def __init__(
        self, command: Sequence[str], directory: Path, environ: Mapping[str, str], stdout: IO[str], stderr: IO[str]
    ) -> None:
        self.returncode: int | None = None
        self._status, status_end = os.pipe()
        program = {"arguments": command[1:], "directory": str(directory.absolute()), "environ": dict(environ)}
        try:
            self.pid = _fork_server().start(program, [stdout.fileno(), stderr.fileno(), status_end])
        finally:
            os.close(status_end)

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.wait(0)
        return None

    def wait(self, timeout: float) -> int:
        if self.returncode is None:
            if not select.select([self._status], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("gunicorn", timeout)
            (self.returncode,) = struct.unpack("i", os.read(self._status, 4))
            os.close(self._status)
        return self.returncode

    def send_signal(self, sent: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, sent)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def run(
    command: Sequence[str], environ: Mapping[str, str], directory: Path = Path(), timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, as subprocess.run(capture_output=True) does. timeout: in seconds."""
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        process = start(command, directory, environ, stdout, stderr)
        try:
            status = process.wait(timeout)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(5)
        stdout.seek(0)
        stderr.seek(0)
        return subprocess.CompletedProcess(command, status, stdout.read(), stderr.read())


def start(
    command: Sequence[str], directory: Path, environ: Mapping[str, str], stdout: IO[str], stderr: IO[str]
) -> Process | subprocess.Popen[bytes]:
    """Fork the program if `enabled` and if its packages may be imported early, or else start it."""
    if enabled and can_fork(command, environ):
        return Process(command, directory, environ, stdout, stderr)
    return subprocess.Popen(command, cwd=directory, env=environ, stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr)


class _Connection:
    """A connection to the fork server."""

    def __init__(self, path: str) -> None:
        self._lock = threading.Lock()
        self._control = socket.socket(socket.AF_UNIX)
        self._control.connect(path)
        atexit.register(self._control.close)

    def start(self, program: object, descriptors: list[int]) -> int:
        with self._lock:
            message = json.dumps(program).encode() + b"\n"
            sent = socket.send_fds(self._control, [message], descriptors)
            self._control.sendall(message[sent:])
            (pid,) = struct.unpack("i", self._control.recv(4))
        return int(pid)


@functools.cache
def _fork_server() -> _Connection:
    return _Connection(os.environ.get(SHARED) or start_fork_server())


def start_fork_server() -> str:
    """Start one, which ends with this process. Return the path of its socket."""
    folder = tempfile.TemporaryDirectory()
    path = os.path.join(folder.name, "fork-server")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        server = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("fork_server.py")), str(listener.fileno())],
            # Without numpy's threads: Python should not fork beside other threads.
            env={"PATH": os.environ["PATH"], "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            pass_fds=[listener.fileno()],
        )

    def stop() -> None:
        assert server.stdin
        server.stdin.close()
        server.wait(20)
        folder.cleanup()

    atexit.register(stop)
    return path


def share_fork_server() -> None:
    """Start one for this process and those that it starts."""
    os.environ[SHARED] = start_fork_server()


def can_fork(command: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Return whether the command is a Python module or script that early imports don't change.

    gevent replaces parts of the standard library before their import. Python reads its own variables at its start, and
    OpenTelemetry reads its propagators' and its context's on import.
    """
    read_early = {name for name in environ if name.startswith(("PYTHON", "OTEL_PYTHON_", "OTEL_PROPAGATORS"))}
    is_python = command[0] == sys.executable and command[1] in {"-m", "-c"}
    return is_python and "gevent" not in " ".join(command) and read_early <= {"PYTHONPATH"}
