"""A stopping server sends all that it can."""

import signal
from collections.abc import Callable
from itertools import product

import pytest
import requests

from arrivals import arrivals, paths
from faulty_vendors import VENDORS, FaultyVendors
from gunicorn_server import WORKER_CLASSES
from load import Load
from wirings import OURS, Server, Wiring

REQUESTS = 2_000
GONE_SECONDS = 6.0
TIMEOUT_SECONDS = 20  # seconds; then it should have ended
REQUESTED = ("/v1/traces", "/GetSamplingRules", "/", "/api/1/item/")
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


@pytest.mark.timed
@pytest.mark.parametrize("worker_class", ["sync", "gthread"])
def test_stopping_while_all_four_hang(wiring: Wiring, measured: Callable[..., None], worker_class: str) -> None:
    """A stop with hanging vendors takes no longer than documented."""
    with FaultyVendors() as vendors, Server(wiring, vendors.environ(), *WORKER_CLASSES[worker_class]) as server:
        server.seconds_until_served(TIMEOUT_SECONDS)  # the plain wiring's workers need CloudWatch Logs to boot
        for vendor in VENDORS:
            vendors.fail(vendor, "hanging")
        with Load(server.address, paths(100)) as load:
            load.wait()
        if wiring is OURS:
            assert [one.status for one in load.exchanges if one.status not in {200, 500}] == []
            vendors.wait_for(
                lambda: all(vendors.requests[path] for path in REQUESTED), why="all four to have been requested"
            )
        status = server.stop(signal.SIGTERM, TIMEOUT_SECONDS)
        for vendor in VENDORS:
            vendors.recover(vendor)
    capped = status == -signal.SIGKILL
    measured(6, wiring, "s until it ended", server.took_to_stop, at_most=GONE_SECONDS, case=worker_class, capped=capped)
