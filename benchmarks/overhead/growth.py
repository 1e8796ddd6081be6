"""Measure whether a request costs the same on a larger server.

Larger means more workers, and more connections.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from overhead.clients import send_requests
from overhead.over_http import Server, servers
from overhead.process import cpu_seconds
from overhead.variants import HOME, Variant

SIZES = ((1, 1), (1, 64), (4, 64))  # workers, connections
SENT_SECONDS = 1.5  # the API sends once a second


@dataclass(frozen=True)
class Size:
    """The cost of a request on a server of one size.

    microseconds: CPU per request, over all workers
    """

    variant: Variant
    workers: int
    connections: int
    microseconds: float


def sizes(variants: Sequence[Variant], requests: int) -> list[Size]:
    """Measure the variants on servers of each size.

    requests: for each variant in each size
    """
    found = []
    for workers, connections in SIZES:
        gthread = ("--worker-class=gthread", "--threads=4", "--keep-alive=5", f"--workers={workers}")
        with servers(variants, *gthread) as started:
            for variant, server in zip(variants, started, strict=True):
                send_requests(server.address, HOME, requests // 4, connections, keep=True)
                found.append(Size(variant, workers, connections, cost(server, connections, requests)))
    return found


def cost(server: Server, connections: int, requests: int) -> float:
    """Return the CPU microseconds per request.

    The CPU that sends its telemetry counts, too.
    """
    time.sleep(SENT_SECONDS)
    before = sum(map(cpu_seconds, server.workers()))
    sent = len(send_requests(server.address, HOME, requests, connections, keep=True))
    time.sleep(SENT_SECONDS)
    return (sum(map(cpu_seconds, server.workers())) - before) / sent * 1e6
