"""A failure, whatever it is of, is reported once by each vendor, under one trace id."""

from collections.abc import Callable

import pytest

from accounts import failures_told
from faulty_vendors import VENDORS, FaultyVendors
from gunicorn_server import WORKER_CLASSES
from load import exchange
from wirings import Server, Wiring

# Of a sync worker with more than one thread gunicorn makes a gthread worker.
SYNC = WORKER_CLASSES["sync"]


@pytest.mark.parametrize("arguments", [SYNC, ()], ids=["sync", "gthread"])
@pytest.mark.parametrize(("what", "path"), [("exception", "raise"), ("SystemExit", "exit")])
def test_a_view_that_raises(
    wiring: Wiring, measured: Callable[..., None], arguments: tuple[str, ...], what: str, path: str
) -> None:
    """An exception that nobody handles, and a SystemExit, of which gunicorn's gthread worker ends."""
    report(measured, wiring, tell(wiring, path, *arguments), what)


def test_a_view_that_takes_longer_than_gunicorns_timeout(wiring: Wiring, measured: Callable[..., None]) -> None:
    """gunicorn aborts a sync worker, which then sends what it has."""
    report(measured, wiring, tell(wiring, "stuck", *SYNC, "--timeout=2"), "timeout")


def tell(wiring: Wiring, path: str, *arguments: str) -> FaultyVendors:
    with FaultyVendors() as vendors, Server(wiring, vendors.environ(), "--workers=1", *arguments) as server:
        exchange(server.address, f"/api/faults/{path}")
    return vendors


def report(measured: Callable[..., None], wiring: Wiring, vendors: FaultyVendors, case: str) -> None:
    told = failures_told(vendors)
    # There was one request; where it has no span, nobody could say what its id is.
    ids = [span["trace_id"] for span in vendors.spans if span["kind"] == "SERVER"]
    lacking = sum(not ids or told[vendor] != ids for vendor in VENDORS)
    measured(14, wiring, "of the 4 vendors did not report it once, under its id", lacking, at_most=0, case=case)
