"""Measure what one request costs a worker, and what each vendor receives.

The API runs under gunicorn with one worker. This process plays the vendors on loopback. It counts the worker's own CPU
time, which depends less on other load than the clock does, and the bytes and records that arrived. `make
scaling-measure` runs it, and scaling.py after it. It writes benchmarks/scaling.json.
"""
# ruff: noqa: T201 - this program prints its report

import json
import os
import platform
import re
import statistics
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import requests

from gunicorn_server import GunicornServer
from loopback import DATAGRAM, Request
from receivers import VendorResponse
from vendors import Vendors

RESULT = Path(__file__).with_name("scaling.json")
CLIENTS = 4  # as many as gunicorn.conf.py has threads
WARM_UP = 1_000
REQUESTS = 8_000
ROUNDS = 5
FAILING = 10
EVENT_OVERHEAD_BYTES = 26  # CloudWatch Logs counts and bills these for each event, in addition to its text
HOME = "/api/activities/home"


class Received:
    """The bytes that arrived at each vendor, as they were sent."""

    def __init__(self, vendors: Vendors) -> None:
        self.bytes: Counter[str] = Counter()
        self.vendors = vendors
        self._lock = threading.Lock()
        for vendor in ("honeycomb", "xray", "cloudwatch", "rollbar"):
            vendors.behaviour[vendor] = self._count

    def _count(self, request: Request) -> VendorResponse | None:
        with self._lock:
            self.bytes[request.path] += len(request.body)
        return None

    def per_request(self, number: int) -> dict[str, float]:
        vendors = self.vendors
        lines = [line for line in vendors.lines if line["fields"].get("trace_id")]
        line_bytes = sum(len(line["message"].encode()) + EVENT_OVERHEAD_BYTES for line in lines)
        return {
            "spans": len(vendors.spans) / number,
            "span_events": sum(len(span["events"]) for span in vendors.spans) / number,
            "span_bytes": self.bytes["/v1/traces"] / number,
            "segments": len(vendors.documents) / number,
            "segment_bytes": self.bytes[DATAGRAM] / max(1, len(vendors.documents)),
            "lines": len(lines) / number,
            "line_bytes": line_bytes / number,
            "items": len(vendors.items) / number,
            "item_bytes": self.bytes["/api/1/item/"] / max(1, len(vendors.items)),
        }


def send_requests(url: str, number: int) -> int:
    """Send the requests from CLIENTS connections.

    Returns the bytes of a response with its headers.
    """
    sizes: list[int] = []

    def client() -> None:
        with requests.Session() as session:
            for _ in range(number // CLIENTS):
                response = session.get(url, timeout=30)
            sizes.append(bytes_of(response))

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return max(sizes)


def bytes_of(response: requests.Response) -> int:
    """Return a response's size on the wire.

    The API does not compress.
    """
    headers = "".join(f"{name}: {value}\r\n" for name, value in response.headers.items())
    return len(f"HTTP/1.1 {response.status_code} {response.reason}\r\n{headers}\r\n".encode()) + len(response.content)


def worker_of(server: GunicornServer) -> int:
    return int(re.findall(r"Booting worker with pid: (\d+)", server.log)[-1])


def cpu_seconds(pid: int) -> float:
    """Return a process's user and system time, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Return a process's peak memory."""
    peak = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert peak
    return int(peak[1]) / 1024


def cost(environ: dict[str, str]) -> dict[str, Any]:
    """Return what a request costs a worker.

    This is CPU milliseconds per request in each round, and the worker's memory in MiB.
    """
    rounds = []
    with GunicornServer(environ, "--workers=1", app="app:create_app()") as server:
        send_requests(server.url + HOME, WARM_UP)
        pid = worker_of(server)
        for _ in range(ROUNDS):
            before = cpu_seconds(pid)
            send_requests(server.url + HOME, REQUESTS)
            rounds.append(round((cpu_seconds(pid) - before) / REQUESTS * 1000, 4))
        memory = resident_mib(pid)
    return {"cpu_ms": statistics.median(rounds), "cpu_ms_rounds": rounds, "memory_mib": round(memory, 1)}


def volume(path: str, number: int) -> dict[str, float]:
    """Return what arrives from a request to this path.

    X-Ray samples every request here.
    """
    with Vendors() as vendors:
        received = Received(vendors)
        with GunicornServer(vendors.environ(), "--workers=1") as server:
            response_bytes = send_requests(server.url + path, number)
        counted = {name: round(value, 3) for name, value in received.per_request(number).items()}
        return {"response_bytes": response_bytes, **counted}


def main() -> int:
    with Vendors() as vendors:
        print("one worker with all four vendors ...", flush=True)
        # With the shipped sampling rule of X-Ray.
        with_vendors = cost({**vendors.environ(), "XRAY_SAMPLING_RULE": ""})
    print("one worker with none ...", flush=True)
    without = cost({})
    print("what arrives ...", flush=True)
    measured = {
        "machine": {"python": platform.python_version(), "cpu": cpu_model(), "cores": os.cpu_count()},
        "worker": {"with_vendors": with_vendors, "without": without},
        "request": volume(HOME, 2_000),
        # Few requests: beyond 20, the remaining failures would arrive as one item.
        "failing_request": volume("/api/wire/failing-service", FAILING // CLIENTS * CLIENTS),
    }
    RESULT.write_text(json.dumps(measured, indent=2) + "\n")
    print(RESULT.read_text())
    return 0


def cpu_model() -> str:
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return model[1] if model else platform.machine()


if __name__ == "__main__":
    sys.exit(main())
