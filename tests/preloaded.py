"""Start gunicorn in a fork of a process that has already imported the packages: see fork_server.py."""

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
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

GUNICORN = [sys.executable, "-m", "gunicorn"]


class Process:
    """The part of subprocess.Popen that GunicornServer uses."""

    def __init__(
        self, command: Sequence[str], directory: Path, environ: Mapping[str, str], stdout: IO[str] | None
    ) -> None:
        self.returncode: int | None = None
        output, output_end = os.pipe()
        self._status, status_end = os.pipe()
        self.output = os.fdopen(output, encoding="utf-8")
        program = {"arguments": command[2:], "directory": str(directory), "environ": dict(environ)}
        try:
            descriptors = [stdout.fileno() if stdout else output_end, output_end, status_end]
            self.pid = _fork_server().start(program, descriptors)
        finally:
            os.close(output_end)
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


class _ForkServer:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, str(Path(__file__).with_name("fork_server.py")), str(theirs.fileno())],
                # Without numpy's threads: Python should not fork beside other threads.
                env={"PATH": os.environ["PATH"], "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )

    def start(self, program: object, descriptors: list[int]) -> int:
        with self._lock:
            message = json.dumps(program).encode() + b"\n"
            sent = socket.send_fds(self._control, [message], descriptors)
            self._control.sendall(message[sent:])
            (pid,) = struct.unpack("i", self._control.recv(4))
        return int(pid)

    def stop(self) -> None:
        self._control.close()
        self._process.wait(20)


@functools.cache
def _fork_server() -> _ForkServer:
    """Start one for all servers of these tests."""
    server = _ForkServer()
    atexit.register(server.stop)
    return server


def can_start(command: Sequence[str], environ: Mapping[str, str]) -> bool:
    """Return whether the command is a gunicorn that early imports don't change.

    gevent replaces parts of the standard library before their import. Python reads its own variables at its start, and
    OpenTelemetry reads its propagators' and its context's on import.
    """
    read_early = {name for name in environ if name.startswith(("PYTHON", "OTEL_PYTHON_", "OTEL_PROPAGATORS"))}
    return list(command[:3]) == GUNICORN and "gevent" not in " ".join(command) and read_early <= {"PYTHONPATH"}
