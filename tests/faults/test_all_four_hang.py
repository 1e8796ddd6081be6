"""While all four vendors hang, a stop and the replacement of workers take no longer than documented."""

import signal
import time
from collections.abc import Callable

import pytest

from arrivals import paths
from faulty_vendors import VENDORS, FaultyVendors
from gunicorn_server import WORKER_CLASSES
from load import TIMEOUT, Load
from test_recycling import EACH_CLASS, TIMEOUT_SECONDS, measure_served
from waiting import wait_until
from wirings import OURS, Server, Wiring

pytestmark = pytest.mark.timed

GONE_SECONDS = 6.0
LOAD_SECONDS = 12.0  # of both wirings, so that their figures compare
STOP_TIMEOUT = 20  # seconds; then it should have ended
REQUESTED = ("/v1/traces", "/GetSamplingRules", "/", "/api/1/item/")


@EACH_CLASS
def test_stopping_while_all_four_hang(wiring: Wiring, measured: Callable[..., None], worker_class: str) -> None:
    """A stop with hanging vendors takes no longer than documented."""
    with FaultyVendors() as vendors, Server(wiring, vendors.environ(), *WORKER_CLASSES[worker_class]) as server:
        server.seconds_until_served(STOP_TIMEOUT)  # the plain wiring's workers need CloudWatch Logs to boot
        for vendor in VENDORS:
            vendors.fail(vendor, "hanging")
        with Load(server.address, paths(100)) as load:
            load.wait()
        if wiring is OURS:
            assert [one.status for one in load.exchanges if one.status not in {200, 500}] == []
            vendors.wait_for(
                lambda: all(vendors.requests[path] for path in REQUESTED), why="all four to have been requested"
            )
        status = server.stop(signal.SIGTERM, STOP_TIMEOUT)
        for vendor in VENDORS:
            vendors.recover(vendor)
    capped = status == -signal.SIGKILL
    measured(6, wiring, "s until it ended", server.took_to_stop, at_most=GONE_SECONDS, case=worker_class, capped=capped)


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
            time.sleep(LOAD_SECONDS)
            if wiring is OURS:
                wait_until(lambda: server.log.count("Autorestarting worker") >= 4, "each worker to be replaced twice")
        for vendor in VENDORS:
            vendors.recover(vendor)
        if wiring is OURS:
            wait_until(lambda: len(server.workers()) == 2, "as many workers as before")
        server.kill()
    measure_served(measured, 13, wiring, load, worker_class)
    slowest = max(one.seconds for one in load.exchanges)
    measured(13, wiring, "s for the slowest", slowest, at_most=4.0, case=worker_class, capped=slowest >= TIMEOUT)
