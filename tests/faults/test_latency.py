"""A failing vendor does not slow the API's requests, and /api/health reports the failure."""

import functools
from collections.abc import Callable, Mapping

import pytest

from accounts import assert_agree, health_when, health_when_sent
from faulty_vendors import AWS_ERRORS, FAULTS, STATUSES, VENDORS, FaultyVendors
from load import Exchange, Load, percentile
from wirings import HOME, OURS, Server, Wiring

pytestmark = pytest.mark.timed

BOOT_SECONDS = 20
SLOWER_AT_MOST = 50.0  # ms
RATE = 100.0  # requests per second, a quarter of what two workers can do on two cores
REQUESTS = 600  # six seconds; a hanging vendor is detected after three
TO_WARM_UP = 40
TRIES = 3
RAISE = "/api/faults/raise"

PERMANENTLY = {
    "401",
    "403",
}  # the report of Honeycomb and Rollbar on a key, and the errors that no retry solves
REPORTED = {
    ("honeycomb", "refused"): "can't be reached, or doesn't respond",
    ("honeycomb", "hanging"): "can't be reached, or doesn't respond",
    ("xray", "refused"): "no daemon listens",
    ("cloudwatch", "refused"): "Connection refused",
    ("cloudwatch", "hanging"): "Read timed out",
    ("rollbar", "refused"): "Connection refused",
    ("rollbar", "hanging"): "Read timed out",
}


@pytest.mark.parametrize("turn", range(len(FAULTS)))
def test_no_fault_is_felt(wiring: Wiring, measured: Callable[..., None], turn: int) -> None:
    """In each of seven turns, each vendor has another fault, so that each meets all of them.

    The plain wiring sends its lines once a minute, so in this time it does not meet the faults of CloudWatch Logs.
    """
    faults = {vendor: FAULTS[(turn + place) % len(FAULTS)] for place, vendor in enumerate(VENDORS)}
    # The effect of a fault repeats in each try. A disturbance on this machine does not occur three times.
    for attempt in range(TRIES):
        healthy = load(wiring, {}) if attempt else without_faults(wiring)
        faulty = load(wiring, faults)
        slower = p99(faulty) - p99(healthy)
        if slower <= SLOWER_AT_MOST:
            break
    case = ", ".join(f"{vendor} {fault}" for vendor, fault in faults.items())
    assert responded_otherwise(healthy) == 0
    measured(5, wiring, "ms added to the p99", slower, at_most=SLOWER_AT_MOST, case=case)
    measured(5, wiring, "requests with another response", responded_otherwise(faulty), at_most=0, case=case)


@functools.cache
def without_faults(wiring: Wiring) -> list[Exchange]:
    """The requests without faults, which all turns are compared with. A slower turn is compared with new ones."""
    return load(wiring, {})


def load(wiring: Wiring, faults: Mapping[str, str]) -> list[Exchange]:
    """Return a new server's requests while vendors fail."""
    with FaultyVendors() as vendors:
        # Before the start, when the daemon serves X-Ray's rules.
        if "xray" in faults:
            vendors.fail("xray", faults["xray"])
        with Server(wiring, vendors.environ()) as server:
            assert server.seconds_until_served(BOOT_SECONDS) < BOOT_SECONDS
            first = send_requests(server, TO_WARM_UP)
            for vendor, fault in faults.items():
                vendors.fail(vendor, fault)
            exchanges = send_requests(server, REQUESTS)
            if wiring is OURS:
                assert_reported(server, vendors, faults, [*first, *exchanges])
            server.kill()
    return exchanges


def send_requests(server: Server, number: int) -> list[Exchange]:
    """Every tenth raises an exception of its own kind, so that Rollbar receives each at once."""
    paths = [f"{RAISE}?kind=Fault{n}" if n % 10 == 0 else HOME for n in range(number)]
    with Load(server.address, paths, clients=4, rate=RATE) as sent:
        sent.wait()
    return sent.exchanges


def p99(exchanges: list[Exchange]) -> float:
    """Return the 99th percentile in ms."""
    return 1000 * percentile((exchange.seconds for exchange in exchanges), 99)


def responded_otherwise(exchanges: list[Exchange]) -> int:
    return sum(exchange.status != (200 if exchange.path == HOME else 500) for exchange in exchanges)


def assert_reported(
    server: Server, vendors: FaultyVendors, faults: Mapping[str, str], requests: list[Exchange]
) -> None:
    """Check the reported errors during the faults, and afterwards the numbers that arrived and failed."""
    for vendor, fault in faults.items():
        text = expected_error(vendor, fault)
        health_when(server, lambda now: text in str(now[vendor]["last_error"]), f"{vendor} {fault}: {text}")  # noqa: B023
    if faults and faults["xray"] != "refused":
        assert vendors.requests["/GetSamplingRules"] > 0
    for vendor in faults:
        vendors.recover(vendor)
    final = health_when_sent(server)
    assert_agree(final, vendors)
    raised = sum(request.path != HOME for request in requests)
    served = len(requests) - raised + 1  # one request was sent until it served
    made = {"honeycomb": 2 * served + raised, "xray": served + raised, "rollbar": raised}
    for vendor, number in made.items():
        assert final[vendor]["sent"] + final[vendor]["failed"] == number, vendor
    for vendor in VENDORS:
        refused_permanently = faults.get(vendor) in PERMANENTLY and vendor in {"honeycomb", "rollbar"}
        assert (final[vendor]["failed"] > 0) == refused_permanently, vendor
        assert final[vendor]["dropped"] == 0, vendor


def expected_error(vendor: str, fault: str) -> str:
    """Return a part of the last error. A slow vendor need not have one, nor X-Ray, whose datagrams arrive as usual."""
    if fault == "slow" or (vendor == "xray" and fault != "refused"):
        return ""
    if fault in STATUSES:
        return AWS_ERRORS[int(fault)] if vendor == "cloudwatch" else f"responded {fault}"
    return REPORTED[vendor, fault]
