"""Each vendor reports a failure once, under one trace id."""

from collections.abc import Callable

import pytest

from accounts import reported_failures
from faulty_vendors import VENDORS, FaultyVendors
from gunicorn_server import WORKER_CLASSES
from load import exchange
from wirings import Server, Wiring

# If sync has more than one thread, gunicorn uses gthread.
SYNC = WORKER_CLASSES["sync"]


@pytest.mark.parametrize("arguments", [SYNC, ()], ids=["sync", "gthread"])
@pytest.mark.parametrize(("what", "path"), [("exception", "raise"), ("SystemExit", "exit")])
def test_a_view_that_raises(
    wiring: Wiring, measured: Callable[..., None], arguments: tuple[str, ...], what: str, path: str
) -> None:
    """An unhandled exception is reported, and so is a SystemExit, which ends gunicorn's gthread worker."""
    report(measured, wiring, fail_once(wiring, path, *arguments), what)


def test_a_view_that_takes_longer_than_gunicorns_timeout(wiring: Wiring, measured: Callable[..., None]) -> None:
    """gunicorn aborts a sync worker after its timeout, and the worker sends its telemetry first."""
    report(measured, wiring, fail_once(wiring, "stuck", *SYNC, "--timeout=2"), "timeout")


def fail_once(wiring: Wiring, path: str, *arguments: str) -> FaultyVendors:
    with FaultyVendors() as vendors, Server(wiring, vendors.environ(), "--workers=1", *arguments) as server:
        exchange(server.address, f"/api/faults/{path}")
    return vendors


def report(measured: Callable[..., None], wiring: Wiring, vendors: FaultyVendors, case: str) -> None:
    failures = reported_failures(vendors)
    # There was one request. Without its span, its id is unknown.
    ids = [span["trace_id"] for span in vendors.spans if span["kind"] == "SERVER"]
    lacking = sum(not ids or failures[vendor] != ids for vendor in VENDORS)
    measured(14, wiring, "of the 4 vendors did not report it once, under its id", lacking, at_most=0, case=case)
