"""While CloudWatch Logs hangs, memory stays bounded, and lines that don't fit are counted."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from accounts import health, logged, once_zero
from faulty_vendors import FaultyVendors
from load import exchange
from watched import Watched
from wirings import OURS, Server, Wiring

LINES = 200_000
REQUESTS = 40
AT_MOST_MB = 10


def test_lines_by_the_hundred_thousand(wiring: Wiring, measured: Callable[..., None]) -> None:
    """A worker's memory grows by its queue at most, and each line arrives or counts as dropped.

    Afterwards all lines arrive.
    """
    with FaultyVendors() as vendors, Server(wiring, vendors.environ(), "--workers=1") as server:
        # Write some lines first, so that imports and threads don't count as growth.
        write(server, LINES // 50)
        if wiring is OURS:
            assert once_zero(lambda: health(server)["cloudwatch"]["waiting"]) == 0
        vendors.fail("cloudwatch", "hanging")
        with Watched(server.workers()[0]) as worker:
            write(server, LINES)
        vendors.recover("cloudwatch")
        if wiring is OURS:
            # Before the stop, because the worker then logs its losses to stdout only.
            gone = once_zero(lambda: logged(server) - len(vendors.lines) - health(server)["cloudwatch"]["dropped"])
            dropped = health(server)["cloudwatch"]["dropped"]
            write(server, REQUESTS)  # when the queue has room again
            late = once_zero(lambda: logged(server) - len(vendors.lines) - dropped)
        else:
            server.stop()
            gone, late = logged(server) - len(vendors.lines), 0

    measured(11, wiring, "MB more than before", worker.grown, at_most=AT_MOST_MB)
    measured(11, wiring, "lines neither received nor counted as dropped", gone, at_most=0)
    assert late == 0, "lines that were written after the outage didn't arrive"


def write(server: Server, lines: int) -> None:
    paths = [f"/api/faults/lines?number={lines // REQUESTS}"] * REQUESTS
    with ThreadPoolExecutor(4) as clients:
        responses = list(clients.map(lambda path: exchange(server.address, path, 120), paths))
    assert {response.status for response in responses} == {200}
