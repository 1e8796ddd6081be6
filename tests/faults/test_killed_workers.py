"""After SIGKILL of a worker under load, only its newest telemetry is lost."""

import os
import signal
import time
from collections.abc import Callable

import pytest

from arrivals import arrivals, paths
from faulty_vendors import FaultyVendors
from load import Load
from waiting import wait_until
from wirings import Server, Wiring

pytestmark = pytest.mark.timed


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
