"""Fork Python programs from one process that has imported their packages, because imports take most of the start.

preloaded.py runs this file, once for all processes of pytest-xdist, and has one connection with each. A message has a
program's arguments, directory and environment, with its stdout, its stderr and a pipe for its exit status. The response
is its process ID.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import struct
import sys
from contextlib import suppress
from typing import Any

from forked_program import ModuleProgram, run

# The packages of the API, the console and gunicorn. On import, none reads a variable or the directory, or starts a
# thread, except OpenTelemetry's propagators, which preloaded.py checks, and X-Ray's recorder, which run() has imported
# again. gunicorn and the project's own code do, so they are not listed.
MODULES = [
    "argparse",
    "asyncio",
    "aws_xray_sdk.core",
    "boto3",
    "botocore.client",
    "botocore.httpsession",
    "flask",
    "flask_cors",
    "google.protobuf.json_format",
    "grpc",
    "logging.config",
    "multiprocessing.connection",
    "numpy",
    "opentelemetry.exporter.otlp.proto.common.trace_encoder",
    "opentelemetry.instrumentation.requests",
    "opentelemetry.instrumentation.wsgi",
    "opentelemetry.proto.collector.logs.v1.logs_service_pb2",
    "opentelemetry.proto.collector.metrics.v1.metrics_service_pb2",
    "opentelemetry.proto.collector.trace.v1.trace_service_pb2",
    "opentelemetry.sdk.trace.export",
    "opentelemetry.trace.propagation.tracecontext",
    "orjson",
    "requests",
    "rollbar.contrib.flask",
    "sqlite3",
    "watchtower",
    "wrapt",
    "wsgiref.util",
]


def preload() -> None:
    for module in MODULES:
        with suppress(ImportError):  # not every environment has all
            importlib.import_module(module)
    gc.freeze()


class Server:
    """Serves the connections to a Unix socket until its standard input ends."""

    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._connections: dict[int, socket.socket] = {}  # by descriptor
        self._statuses: dict[int, int] = {}  # by process ID, the pipe for its exit status
        self._ended, self._wake = os.pipe()
        os.set_blocking(self._wake, False)
        signal.set_wakeup_fd(self._wake)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    def serve(self) -> dict[str, Any] | None:
        """Return in each program's process what it should run, and None here when the tests have ended."""
        listener, stdin = self._listener.fileno(), sys.stdin.fileno()
        while True:
            for ready in select.select([listener, stdin, self._ended, *self._connections], [], [])[0]:
                if ready == stdin:
                    return None
                if ready == self._ended:
                    os.read(self._ended, 4096)
                    self._reap()
                elif ready == listener:
                    connection, _ = self._listener.accept()
                    self._connections[connection.fileno()] = connection
                elif program := self._receive(self._connections[ready]):
                    return program

    def _receive(self, connection: socket.socket) -> dict[str, Any] | None:
        """Fork a program. Return it in its process, and None here."""
        message, descriptors, _, _ = socket.recv_fds(connection, 1_000_000, 3)
        if not message:
            self._connections.pop(connection.fileno()).close()
            return None
        while not message.endswith(b"\n"):
            message += connection.recv(1_000_000)
        stdout, stderr, status = descriptors
        pid = os.fork()
        if pid == 0:
            self._leave(stdout, stderr, status)
            program: dict[str, Any] = json.loads(message)
            return program
        os.close(stdout)
        os.close(stderr)
        self._statuses[pid] = status
        connection.sendall(struct.pack("i", pid))
        return None

    def _leave(self, stdout: int, stderr: int, status: int) -> None:
        """Close in a program's process all that is not its own."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with open(os.devnull) as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        for one in (self._listener, *self._connections.values()):
            one.close()
        for descriptor in (stdout, stderr, status, *self._statuses.values(), self._ended, self._wake):
            os.close(descriptor)

    def _reap(self) -> None:
        for pid in list(self._statuses):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                with suppress(BrokenPipeError):  # no test waits for it
                    os.write(self._statuses[pid], struct.pack("i", os.waitstatus_to_exitcode(status)))
                os.close(self._statuses.pop(pid))


if __name__ == "__main__":
    module_program = ModuleProgram()
    preload()
    with socket.socket(fileno=int(sys.argv[1])) as listener:
        program = Server(listener).serve()
    if program:
        run(program, module_program)
