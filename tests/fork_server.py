"""Fork Python programs from one process that has imported their packages, because imports take most of the start.

preloaded.py runs this file. Each message has a program's arguments, directory and environment, with its stdout, its
stderr and a pipe for its exit status. The response is its process ID.
"""

import atexit
import builtins
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import struct
import sys
from contextlib import suppress
from typing import Any

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


def serve(control: socket.socket) -> dict[str, Any] | None:
    """Return in each program's process what it should run, and None here when the tests have ended."""
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    statuses: dict[int, int] = {}  # by process ID, the pipe for its exit status
    while True:
        ready, _, _ = select.select([control, ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            reap(statuses)
        if control not in ready:
            continue
        message, descriptors, _, _ = socket.recv_fds(control, 1_000_000, 3)
        if not message:
            return None
        while not message.endswith(b"\n"):
            message += control.recv(1_000_000)
        stdout, stderr, status = descriptors
        pid = os.fork()
        if pid == 0:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            os.dup2(stdout, 1)
            os.dup2(stderr, 2)
            control.close()
            for descriptor in (*descriptors, *statuses.values(), ended, wake):
                os.close(descriptor)
            program: dict[str, Any] = json.loads(message)
            return program
        os.close(stdout)
        os.close(stderr)
        statuses[pid] = status
        control.sendall(struct.pack("i", pid))


def reap(statuses: dict[int, int]) -> None:
    for pid in list(statuses):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            with suppress(BrokenPipeError):  # no test waits for it
                os.write(statuses[pid], struct.pack("i", os.waitstatus_to_exitcode(status)))
            os.close(statuses.pop(pid))


class ModuleProgram:
    """A run of `python -m` that skips Python's last step, which frees each module.

    In a fork, that copies the memory of all preloaded modules: a third of a server's processor time. Threads are joined
    and exit functions are called as usual. A script of `python -c` ends as Python does.
    """

    def __init__(self) -> None:
        self._status: int | None = None
        atexit.register(self._leave)  # the first to be registered is the last to be called

    def run(self, module: str) -> None:
        self._status = 1
        try:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
            self._status = 0
        except SystemExit as end:
            if end.code is None or isinstance(end.code, int):
                self._status = end.code or 0
            raise

    def _leave(self) -> None:
        if self._status is not None:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(self._status)


def run(program: dict[str, Any], module_program: ModuleProgram) -> None:
    """Run a module or a script as `python -m` and `python -c` do."""
    os.chdir(program["directory"])
    os.environ.clear()
    os.environ.update(program["environ"])
    given = program["environ"].get("PYTHONPATH", "")
    # Without this file's folder, which is the first.
    sys.path[:] = [program["directory"], *filter(None, given.split(os.pathsep)), *sys.path[1:]]
    # The program imports it again, but not its submodules.
    sys.modules.pop("aws_xray_sdk.core", None)
    option, code, *arguments = program["arguments"]
    sys.argv[:] = [option, *arguments]
    if option == "-m":
        module_program.run(code)
    else:
        exec(compile(code, "<string>", "exec"), {"__name__": "__main__", "__builtins__": builtins})


if __name__ == "__main__":
    module_program = ModuleProgram()
    preload()
    with socket.socket(fileno=int(sys.argv[1])) as control:
        program = serve(control)
    if program:
        run(program, module_program)
