"""A log stream takes long to create, while many threads write to it."""

import time
from collections.abc import Callable
from itertools import repeat

from faulty_vendors import SLOW_SECONDS, FaultyVendors
from load import Load
from loopback import Request
from wirings import OURS, Server, Wiring

THREADS = 20
LINES_A_SECOND = 500
EVENT = "line_of_a_test"


def test_a_log_stream_that_takes_two_seconds(wiring: Wiring, measured: Callable[..., None]) -> None:
    """No line that is written meanwhile is lost or duplicated."""
    made: list[float] = []

    def make_slowly(request: Request) -> None:
        if request.headers.get("X-Amz-Target", "").endswith("CreateLogStream"):
            time.sleep(SLOW_SECONDS)
            made.append(time.monotonic())

    with FaultyVendors() as vendors:
        vendors.behaviour["cloudwatch"] = make_slowly
        with Server(wiring, vendors.environ(), "--workers=1", f"--threads={THREADS}") as server:
            lines = LINES_A_SECOND // THREADS
            path = f"/api/faults/lines?number={lines}&rate={lines}"
            with Load(server.address, repeat(path), clients=THREADS) as load:
                deadline = time.monotonic() + (8 if wiring is OURS else 40)
                while not made and time.monotonic() < deadline:
                    time.sleep(0.1)
                time.sleep(1)
            server.stop()
    written = lines * sum(exchange.status == 200 for exchange in load.exchanges)
    arrived = sum(line["message"] == EVENT or (line["fields"] or {}).get("event") == EVENT for line in vendors.lines)
    assert made, "the stream was never made"
    measured(9, wiring, "lines lost", abs(written - arrived), at_most=0)
