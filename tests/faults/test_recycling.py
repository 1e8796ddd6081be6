"""While workers stop and start under load, no request fails, and their telemetry is sent."""

import signal
import time
from collections.abc import Callable

import pytest

from arrivals import arrivals, paths
from faulty_vendors import FaultyVendors
from gunicorn_server import WORKER_CLASSES
from load import Exchange, Load
from waiting import wait_until
from wirings import Server, Wiring, is_running

TIMEOUT_SECONDS = 30  # for a worker to end, or another to start
SERVED = {200, 500}  # 500 is the status of those that should raise
AFTER_SECONDS = 1.0  # how long the load continues afterwards

EACH_CLASS = pytest.mark.parametrize("worker_class", ["sync", "gthread"])


@EACH_CLASS
def test_reload(wiring: Wiring, measured: Callable[..., None], worker_class: str) -> None:
    """At SIGHUP, the old workers serve until the new ones do, and send their telemetry."""
    with FaultyVendors() as vendors, Server(wiring, vendors.environ(), *WORKER_CLASSES[worker_class]) as server:
        server.seconds_until_served(TIMEOUT_SECONDS)
        old = server.workers()
        with Load(server.address, paths(), clients=4, rate=100) as load:
            time.sleep(AFTER_SECONDS)
            server.send(signal.SIGHUP)
            wait_until(lambda: not any(map(is_running, old)), "the old workers to end")
            time.sleep(AFTER_SECONDS)
        assert len({one.worker for one in load.exchanges if one.worker}) > len(old)
        server.stop()
    measure_served(measured, 3, wiring, load, f"SIGHUP, {worker_class}")
    measure_lost(measured, wiring, vendors, load, f"SIGHUP, {worker_class}")


@EACH_CLASS
def test_replacing_workers(wiring: Wiring, measured: Callable[..., None], worker_class: str) -> None:
    """Workers are replaced after a number of requests, here often and often all at once."""
    options = (*WORKER_CLASSES[worker_class], "--max-requests=200")
    with FaultyVendors() as vendors, Server(wiring, vendors.environ(), *options) as server:
        with Load(server.address, paths(1_500), clients=4, rate=200) as load:
            load.wait()
        assert server.log.count("Autorestarting worker") >= 6
        server.stop()
    measure_served(measured, 3, wiring, load, f"max-requests, {worker_class}")
    measure_lost(measured, wiring, vendors, load, f"max-requests, {worker_class}")


def measure_served(measured: Callable[..., None], row: int, wiring: Wiring, load: Load, case: str) -> None:
    failed = [one for one in load.exchanges if one.status not in SERVED]
    measured(row, wiring, "requests failed", len(failed), at_most=0, case=f"{case}{first_of(failed)}")


def measure_lost(measured: Callable[..., None], wiring: Wiring, vendors: FaultyVendors, load: Load, case: str) -> None:
    arrived = arrivals(vendors)
    for vendor, lost in arrived.lost(load.exchanges).items():
        measured(3, wiring, "lost", len(lost), at_most=0, case=f"{vendor}, {case}")
    measured(3, wiring, "duplicates", arrived.duplicates, at_most=0, case=case)


def first_of(failed: list[Exchange]) -> str:
    return f": {failed[0].status} {failed[0].error}" if failed else ""
