"""What became of the telemetry, by the API and by the vendors, and what a worker takes of the machine."""

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import requests

from vendors import Record, Vendors
from wirings import Server, status_of


def counts(server: Server, vendor: str) -> dict[str, int]:
    """sent, dropped, failed and waiting, of all workers."""
    health = requests.get(f"{server.url}/api/health", timeout=30).json()
    report: dict[str, int] = health["vendors"][vendor]
    return {count: report[count] for count in ("sent", "dropped", "failed", "waiting")}


def logged(server: Server) -> int:
    """How many lines it logged for CloudWatch Logs, all of which are in its own log, too."""
    ours_or_plain = ('{"', "INFO:fault_routes:", "INFO:plain_app:")
    lines = [line for line in server.log.splitlines() if line.startswith(ours_or_plain)]
    return sum("initializing xray middleware" not in line for line in lines)


def failures_told(vendors: Vendors) -> dict[str, list[str | None]]:
    """By vendor, the trace id of each record that tells of a failure; None where it has none."""
    return {
        "honeycomb": [
            span["trace_id"]
            for span in vendors.spans
            for event in span["events"]
            if event["name"] == "exception" and span["kind"] == "SERVER"
        ],
        "xray": [trace_id_of(document) for document in vendors.documents if document.get("fault")],
        "cloudwatch": [
            (line["fields"] or {}).get("trace_id") for line in vendors.lines if "Traceback" in line["message"]
        ],
        "rollbar": [(item["custom"] or {}).get("trace_id") for item in vendors.items],
    }


def trace_id_of(document: Record) -> str:
    """X-Ray's own form holds the same id; the plain wiring's segment has the span's in an annotation."""
    annotated: str | None = document.get("annotations", {}).get("trace_id")
    return annotated or document["trace_id"].removeprefix("1-").replace("-", "")


def once_zero(count: Callable[[], int], timeout: float = 30) -> int:
    """Wait until `count()` is 0, `timeout` seconds at the most; what it was in the end."""
    deadline = time.monotonic() + timeout
    while (last := count()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return last


class Watched:
    """A worker's memory and threads, from here to the end of the block, looked at ten times a second.

    grown: MB (of 10**6 bytes) that its memory was above what it had at first, at the most
    threads: how many it had, at the most
    """

    def __init__(self, worker: int) -> None:
        self._worker = worker
        self._began_with = self._memory()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.grown = 0.0
        self.threads = 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.1):
            self.grown = max(self.grown, (self._memory() - self._began_with) / 1e6)
            self.threads = max(self.threads, status_of(self._worker, "Threads"))

    def _memory(self) -> int:
        return status_of(self._worker, "VmRSS") * 1024
