"""CloudWatch Logs hangs while the lines go on: memory stays bounded, and what doesn't fit is counted."""

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
    """A worker grows by what its queue may hold, and each line arrives, or is counted as dropped; afterwards all do."""
    with FaultyVendors() as vendors, Server(wiring, vendors.environ(), "--workers=1") as server:
        # Some first, so that what a worker imports and what its threads need isn't taken for growth.
        write(server, LINES // 50)
        if wiring is OURS:
            assert once_zero(lambda: health(server)["cloudwatch"]["waiting"]) == 0
        vendors.fail("cloudwatch", "hanging")
        with Watched(server.workers()[0]) as worker:
            write(server, LINES)
        vendors.recover("cloudwatch")
        if wiring is OURS:
            # Before it stops, because it says then what was lost, and that in a line which is for stdout alone.
            gone = once_zero(lambda: logged(server) - len(vendors.lines) - health(server)["cloudwatch"]["dropped"])
            dropped = health(server)["cloudwatch"]["dropped"]
            write(server, REQUESTS)  # when there is room again
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
