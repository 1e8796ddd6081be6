"""A stopping process reports the telemetry that it can't send."""

import json
import threading
from typing import Any

from loopback import Request
from receivers import VendorResponse
from scripts import run
from vendors import Vendors

ONE_REQUEST = """
import network_guard; network_guard.guard()
import json
from wire_app import create_app
{before}
app = create_app()
telemetry = app.extensions["sametrace"]
telemetry.start()
app.test_client().get("/rollbar/test")
print(json.dumps({{"health": telemetry.health()}}))
telemetry.stop({seconds})
"""

# As on a machine without free threads.
NO_THREAD_FOR_XRAY = """
from sametrace.xray.sending import SegmentEmitter

def start(emitter):
    raise RuntimeError("can't start new thread")

SegmentEmitter.start = start
"""


def logged(printed: list[str], event: str) -> dict[str, dict[str, Any]]:
    """Return the lines of an event, by vendor."""
    lines = [json.loads(line) for line in printed]
    return {line["vendor"]: line for line in lines if line.get("event") == event}


def test_lost_telemetry_is_reported_at_the_end() -> None:
    """Each vendor that lost something has a line with the numbers: dropped, or unsent if it may have arrived."""
    let_go = threading.Event()

    def hang(_: Request) -> VendorResponse:
        let_go.wait(60)
        raise ConnectionError("never responded")

    with Vendors() as vendors:
        vendors.behaviour |= {"honeycomb": lambda _: VendorResponse(500, b"", "text/plain"), "rollbar": hang}
        try:
            printed = run(ONE_REQUEST.format(before="", seconds=0.5), vendors, AWS_REGION="")
        finally:
            let_go.set()

    lost = logged(printed, "telemetry_lost")
    assert lost.keys() == {"Honeycomb", "Rollbar"}  # X-Ray's segment was sent
    assert lost["Honeycomb"]["dropped"] + lost["Honeycomb"]["unsent"] == 1
    assert [lost["Rollbar"][count] for count in ("dropped", "failed", "unsent")] == [0, 0, 1]
    assert lost["Rollbar"]["level"] == "WARNING"


def test_a_vendor_that_cannot_start_is_reported() -> None:
    """A vendor that can't start is reported by the log and /api/health.

    The others work, and the process ends normally.
    """
    with Vendors() as vendors:
        printed = run(ONE_REQUEST.format(before=NO_THREAD_FOR_XRAY, seconds=5), vendors)

    not_started = logged(printed, "vendor_not_started")
    assert not_started.keys() == {"X-Ray"}
    assert not_started["X-Ray"]["level"] == "ERROR"
    assert "can't start new thread" in not_started["X-Ray"]["exception"]
    [health] = [json.loads(line)["health"] for line in printed if line.startswith('{"health"')]
    assert health.pop("X-Ray")["last_error"] == "RuntimeError: can't start new thread"
    assert [report["last_error"] for report in health.values()] == [None] * 3
    assert (len(vendors.spans), len(vendors.items), vendors.documents) == (1, 1, [])
