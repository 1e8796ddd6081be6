"""A stopping server sends all that it has."""

import signal
from collections.abc import Callable
from itertools import product

import pytest
import requests

from arrivals import arrivals, paths
from faulty_vendors import FaultyVendors
from gunicorn_server import WORKER_CLASSES
from load import Load
from wirings import OURS, Server, Wiring

REQUESTS = 2_000
TIMEOUT_SECONDS = 20  # seconds; then it should have ended
NAMES = {"Honeycomb": "spans", "X-Ray": "documents", "CloudWatch Logs": "lines", "Rollbar": "items"}


@pytest.mark.parametrize(
    ("worker_class", "workers", "preload"), list(product(("sync", "gthread"), (2, 4), ("", "--preload")))
)
def test_every_request_arrives_once(
    wiring: Wiring, measured: Callable[..., None], worker_class: str, workers: int, preload: str
) -> None:
    """2,000 requests, a twentieth of them failing, and SIGTERM at once: each arrives once at all four vendors."""
    options = [*WORKER_CLASSES[worker_class], f"--workers={workers}", *([preload] if preload else [])]
    with FaultyVendors() as vendors, Server(wiring, vendors.environ(), *options) as server:
        with Load(server.address, paths(REQUESTS)) as load:
            load.wait()
        report = requests.get(f"{server.url}/api/health", timeout=10).json()["vendors"] if wiring is OURS else {}
        server.stop(signal.SIGTERM, TIMEOUT_SECONDS)
    case = f"{worker_class}, {workers} workers{', preloaded' if preload else ''}"
    statuses = [one.status for one in load.exchanges]
    assert (statuses.count(200), statuses.count(500)) == (REQUESTS * 19 // 20, REQUESTS // 20)

    arrived = arrivals(vendors)
    for vendor, lost in arrived.lost(load.exchanges).items():
        measured(2, wiring, "lost", len(lost), at_most=0, case=f"{vendor}, {case}")
    measured(2, wiring, "duplicates", arrived.duplicates, at_most=0, case=case)
    for vendor, counted in report.items():
        # What waited has been sent since. A request is counted when its response is sent.
        off = abs(counted["sent"] + counted["waiting"] - len(getattr(vendors, NAMES[vendor])))
        measured(2, wiring, "that /api/health counted otherwise", off, at_most=0, case=f"{vendor}, {case}")
        assert (counted["dropped"], counted["failed"]) == (0, 0)
