"""While workers stop and start under load, no request fails, and their telemetry is sent."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from arrivals import arrivals, paths
from faulty_vendors import VENDORS, FaultyVendors
from gunicorn_server import WORKER_CLASSES
from load import TIMEOUT, Exchange, Load
from wirings import OURS, Server, Wiring, is_running

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


@pytest.mark.timed
@EACH_CLASS
def test_replacing_workers_while_all_four_hang(
    wiring: Wiring, measured: Callable[..., None], worker_class: str
) -> None:
    """A worker that waits for hanging vendors before it ends keeps no client waiting."""
    options = (*WORKER_CLASSES[worker_class], "--max-requests=100")
    with FaultyVendors() as vendors, Server(wiring, vendors.environ(), *options) as server:
        server.seconds_until_served(TIMEOUT_SECONDS)
        for vendor in VENDORS:
            vendors.fail(vendor, "hanging")
        with Load(server.address, paths(), clients=4, rate=60) as load:
            time.sleep(12)
        for vendor in VENDORS:
            vendors.recover(vendor)
        if wiring is OURS:
            assert server.log.count("Autorestarting worker") >= 4
            wait_until(lambda: len(server.workers()) == 2, "as many workers as before")
        server.kill()
    measure_served(measured, 13, wiring, load, worker_class)
    slowest = max(one.seconds for one in load.exchanges)
    measured(13, wiring, "s for the slowest", slowest, at_most=4.0, case=worker_class, capped=slowest >= TIMEOUT)


@pytest.mark.timed
def test_killed_workers(wiring: Wiring, measured: Callable[..., None]) -> None:
    """After SIGKILL, three times, only the newest telemetry of the killed worker is lost."""
    killed = []
    with FaultyVendors() as vendors, Server(wiring, vendors.environ()) as server:
        with Load(server.address, paths(failing=10), clients=4, rate=100) as load:
            for _ in range(3):
                wait_until(lambda: serving_for(load, 2.5, server.workers()), "all workers to have served for a while")
                killed.append((server.workers()[0], time.monotonic()))
                os.kill(killed[-1][0], signal.SIGKILL)
                wait_until(lambda: len(server.workers()) == 2, "another worker in its place")
        server.stop()
    arrived = arrivals(vendors)
    for vendor, lost in arrived.lost(load.exchanges).items():
        ages = [at - one.began for worker, at in killed for one in lost if one.worker == str(worker)]
        measured(4, wiring, f"s of its traffic lost, {vendor}", max(ages, default=0.0), at_most=1.5)
        others = [one for one in lost if one.worker not in {str(worker) for worker, _ in killed}]
        measured(4, wiring, "lost of other workers'", len(others), at_most=0, case=vendor)
    measured(4, wiring, "duplicates", arrived.duplicates, at_most=0)


def serving_for(load: Load, seconds: float, workers: list[int]) -> bool:
    """Return whether each worker's first response is this long ago, and another was just sent."""
    now = time.monotonic()
    if len(workers) < 2:
        return False
    for worker in workers:
        ended = [one.ended for one in list(load.exchanges) if one.worker == str(worker)]
        if not ended or now - min(ended) < seconds or now - max(ended) > 0.5:
            return False
    return True


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


def wait_until(condition: Callable[[], bool], why: str) -> None:
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {TIMEOUT_SECONDS} s: {why}"
        time.sleep(0.02)
