"""Receive telemetry while a variant is measured, and count it afterwards.

Requests are kept unread until the measurement is over, because reading them takes CPU time.

python -m overhead.receiving 13 starts 13 receivers, numbered from 0.

Each receiver has one port, for HTTP and for the X-Ray daemon's UDP. The program prints the ports as JSON. For each line
on stdin with a receiver's number, it prints the counts of what it received as JSON, such as {"spans": 200, "segments":
100, "lines": 200}, and forgets them.
"""
# ruff: noqa: T201 - the program responds on stdout

import contextlib
import json
import socket
import subprocess
import sys
import threading
from collections import Counter
from types import TracebackType
from typing import Self

from loopback import DATAGRAM, Request, bind_daemon
from overhead.counting import count
from overhead.process import DRIVERS_CORE, on_core
from receivers import VendorResponse

# One response for all senders. Each reads the fields that it knows.
FIELDS = {
    "err": 0,  # Rollbar
    "result": {"uuid": "0" * 32},
    "rate_by_service": {},  # Datadog
    "logGroups": [],  # CloudWatch Logs
    "logStreams": [],
    "SamplingRuleRecords": [],  # X-Ray
    "SamplingTargetDocuments": [],
}
RESPONSE = VendorResponse(200, json.dumps(FIELDS).encode(), "application/json")
NO_PROTOBUF = VendorResponse(200, b"", "application/x-protobuf")
BUFFER = 64 * 1024 * 1024  # bytes; holds datagrams while Python runs another thread


class Receiver:
    def __init__(self) -> None:
        self.kept: list[Request] = []
        self.failures: list[BaseException] = []
        daemon, datagrams = bind_daemon(self._response, self.failures.append)
        self.port: int = daemon.server_address[1]
        if hasattr(socket, "SO_RCVBUFFORCE"):
            with contextlib.suppress(PermissionError):  # only root may force it; others get the system's limit
                datagrams.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUFFORCE, BUFFER)
        for server in (daemon, datagrams):
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def counts(self) -> dict[str, int]:
        kept, self.kept = self.kept, []
        if self.failures:
            raise self.failures[0]
        return dict(sum((count(request) for request in kept), Counter[str]()))

    def _response(self, request: Request) -> VendorResponse:
        self.kept.append(request)
        return NO_PROTOBUF if request.path.startswith("/v1/") or request.path == DATAGRAM else RESPONSE


class Receivers:
    """The receivers, one per variant, in one process on the driver's core."""

    def __init__(self, number: int) -> None:
        with on_core(DRIVERS_CORE):
            self._process = subprocess.Popen(
                [sys.executable, "-m", "overhead.receiving", str(number)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._process.stdout
        self.ports: list[int] = json.loads(self._process.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()

    def counts(self, which: int) -> dict[str, int]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{which}\n")
        self._process.stdin.flush()
        counts: dict[str, int] = json.loads(self._process.stdout.readline())
        return counts


def main(number: int) -> None:
    receivers = [Receiver() for _ in range(number)]
    print(json.dumps([receiver.port for receiver in receivers]), flush=True)
    for line in sys.stdin:
        print(json.dumps(receivers[int(line)].counts()), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
