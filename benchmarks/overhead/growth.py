"""Whether a request costs the same with more workers and with more connections."""

import http.client
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from overhead.over_http import Server, servers
from overhead.process import cpu_seconds
from overhead.variants import HOME, Variant

SIZES = ((1, 1), (1, 64), (4, 64))  # workers, connections
SENT_SECONDS = 1.5  # the API sends once a second


@dataclass(frozen=True)
class Size:
    """microseconds: CPU a request, of all workers."""

    variant: Variant
    workers: int
    connections: int
    microseconds: float


def sizes(variants: Sequence[Variant], requests: int) -> list[Size]:
    """requests: of each variant in each size."""
    found = []
    for workers, connections in SIZES:
        gthread = ("--worker-class=gthread", "--threads=4", "--keep-alive=5", f"--workers={workers}")
        with servers(variants, *gthread) as started:
            for variant, server in zip(variants, started, strict=True):
                keep_asking(server, connections, requests // 4)
                found.append(Size(variant, workers, connections, cost(server, connections, requests)))
    return found


def cost(server: Server, connections: int, requests: int) -> float:
    """CPU microseconds a request, once their telemetry has been sent."""
    time.sleep(SENT_SECONDS)
    before = sum(map(cpu_seconds, server.workers()))
    asked = keep_asking(server, connections, requests)
    time.sleep(SENT_SECONDS)
    return (sum(map(cpu_seconds, server.workers())) - before) / asked * 1e6


def keep_asking(server: Server, connections: int, requests: int) -> int:
    """So often, by as many clients as connections, which are kept. Returns how often; raises RuntimeError if it fails."""
    each = max(1, requests // connections)
    statuses: list[int] = []

    def client() -> None:
        connection = http.client.HTTPConnection(*server.address, timeout=30)
        for _ in range(each):
            connection.request("GET", HOME)
            response = connection.getresponse()
            response.read()
            statuses.append(response.status)
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if statuses.count(200) != each * connections:
        raise RuntimeError(f"{statuses.count(200)} of {each * connections} were answered 200\n{server.log[-4000:]}")
    return len(statuses)
