"""Host names that resolve slowly, or never, block only the sending threads."""

import functools
import time
from collections.abc import Callable
from itertools import chain, repeat

import pytest

from accounts import assert_agree, health, health_when_sent
from faulty_vendors import FaultyVendors
from load import Load
from loopback import LOOPBACK
from wirings import HOME, OURS, Server, Wiring

pytestmark = pytest.mark.timed

BOOT_SECONDS = 12  # the longest wait for a server
BOOT_AT_MOST = 3.0  # seconds later than healthy
REQUEST_AT_MOST = 0.25
RATE = 20.0  # requests per second
SECONDS = 12.0  # seconds of load; a failing name is looked up more than once
TRIES = 3


@pytest.mark.parametrize(("host", "case"), [("5s.test", "after 5 s"), ("5s-not.test", "never")], ids=["late", "never"])
def test_no_request_waits_for_a_name(wiring: Wiring, measured: Callable[..., None], host: str, case: str) -> None:
    """All four vendors' names take 5 s to resolve or to fail. Requests are as fast as usual, and health reports it."""
    healthy = healthy_boot(wiring)
    # The effect of a name repeats in each try. A disturbance on this machine does not occur three times.
    for _ in range(TRIES):
        boot, slowest = times(wiring, host, SECONDS)
        if boot - healthy <= BOOT_AT_MOST and slowest <= REQUEST_AT_MOST:
            break
    capped = boot >= BOOT_SECONDS
    measured(12, wiring, "s later than healthy", boot - healthy, at_most=BOOT_AT_MOST, case=case, capped=capped)
    if not capped:
        measured(12, wiring, "s for the slowest request", slowest, at_most=REQUEST_AT_MOST, case=case)


@functools.cache
def healthy_boot(wiring: Wiring) -> float:
    """Return the seconds until a server served whose names resolve at once."""
    boot, _ = times(wiring, LOOPBACK, seconds=1)
    assert boot < BOOT_SECONDS
    return boot


def times(wiring: Wiring, host: str, seconds: float) -> tuple[float, float]:
    """Return the seconds until a new server served, and those of its slowest request; 0 if it never served."""
    with FaultyVendors() as vendors:
        environ = {name: value.replace(LOOPBACK, host) for name, value in vendors.environ().items()}
        with Server(wiring, environ) as server:
            boot = server.seconds_until_served(BOOT_SECONDS)
            if boot >= BOOT_SECONDS:
                return boot, 0.0
            paths = chain(["/api/faults/raise"], repeat(HOME))
            with Load(server.address, paths, clients=4, rate=RATE) as load:
                time.sleep(seconds)
            if wiring is OURS:
                assert_reported(server, vendors, resolved="-not" not in host)
            server.kill()
    return boot, max(exchange.seconds for exchange in load.exchanges)


def assert_reported(server: Server, vendors: FaultyVendors, *, resolved: bool) -> None:
    if resolved:
        final = health_when_sent(server)
        assert_agree(final, vendors)
        assert all(report["sent"] for report in final.values())
    else:
        for vendor, report in health(server).items():
            assert (report["sent"], report["dropped"], report["failed"]) == (0, 0, 0), vendor
            assert report["waiting"] > 0, vendor
            assert report["last_error"], vendor
