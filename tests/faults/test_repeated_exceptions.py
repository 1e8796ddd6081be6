"""Rollbar hangs during a burst of exceptions: few threads, little memory, few items, and every exception counted."""

import time
from collections import Counter
from collections.abc import Callable
from itertools import cycle

import pytest

from accounts import health, once_zero
from faulty_vendors import FaultyVendors
from load import Load
from watched import Watched
from wirings import OURS, Server, Wiring

EXCEPTIONS = 600
SECONDS = 5
AT_MOST_THREADS = 20
AT_MOST_MB = 5
# In ten seconds, the first 20 of each kind are sent at once, and the others as one item. A slow machine takes longer.
AT_MOST_ITEMS = 2 * 21


@pytest.mark.parametrize("kinds", [1, 20, EXCEPTIONS], ids=lambda kinds: f"kinds-{kinds}")
def test_a_repeat_while_rollbar_hangs(wiring: Wiring, measured: Callable[..., None], kinds: int) -> None:
    """The worker's threads and memory stay bounded, and each exception is in an arrived item, or counted as dropped."""
    case = f"of {kinds} kind{'s' if kinds > 1 else ''}"
    with FaultyVendors() as vendors, Server(wiring, vendors.environ(), "--workers=1") as server:
        # Some of another kind first, so that imports don't count as growth.
        raise_all(server, ["Other"] * 100, rate=None)
        worker_pid = server.workers()[0]
        settle(wiring, server)
        before = len(vendors.items)

        vendors.fail("rollbar", "hanging")
        names = cycle(f"Kind{number}" for number in range(kinds))
        with Watched(worker_pid) as worker:
            raise_all(server, [next(names) for _ in range(EXCEPTIONS)], rate=EXCEPTIONS / SECONDS)
        vendors.recover("rollbar")
        settle(wiring, server)
        dropped = health(server)["rollbar"]["dropped"] if wiring is OURS else 0
        server.stop()
    items = vendors.items[before:]
    received = sum((item["custom"] or {}).get("occurrences", 1) for item in items)
    of_a_kind = Counter(item["body"]["trace"]["exception"]["class"] for item in items)
    unknown = EXCEPTIONS - received - dropped

    measured(10, wiring, "threads", worker.threads, at_most=AT_MOST_THREADS, case=case)
    measured(10, wiring, "MB more than before", worker.grown, at_most=AT_MOST_MB, case=case)
    measured(10, wiring, "items of one kind", max(of_a_kind.values(), default=0), at_most=AT_MOST_ITEMS, case=case)
    measured(10, wiring, "exceptions neither received nor counted as dropped", unknown, at_most=0, case=case)


def raise_all(server: Server, kinds: list[str], rate: float | None) -> None:
    paths = [f"/api/faults/raise?kind={kind}" for kind in kinds]
    with Load(server.address, paths, clients=8, rate=rate) as load:
        load.wait()
    assert [exchange.status for exchange in load.exchanges] == [500] * len(kinds)


def settle(wiring: Wiring, server: Server) -> None:
    """Wait until the queues are empty, and the burst's window has ended. The plain wiring sends each item at once."""
    if wiring is OURS:
        assert once_zero(lambda: health(server)["rollbar"]["waiting"]) == 0
    else:
        time.sleep(2)
