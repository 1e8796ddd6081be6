"""However a vendor fails, the API's callers don't feel it, and /api/health says what is wrong."""

import functools
from collections.abc import Callable, Mapping

import pytest

from accounts import assert_agree, health_when, health_when_sent
from faulty_vendors import AWS_ERRORS, FAULTS, STATUSES, VENDORS, FaultyVendors
from load import Exchange, Load, percentile
from wirings import HOME, OURS, Server, Wiring

BOOT_SECONDS = 20
SLOWER_AT_MOST = 50.0  # ms
RATE = 100.0  # requests a second, a quarter of what two workers can do on two cores
REQUESTS = 600  # six seconds: what hangs is known to after three
TO_WARM_UP = 40
TRIES = 3
RAISE = "/api/faults/raise"

PERMANENTLY = {
    "401",
    "403",
}  # what Honeycomb and Rollbar report about a key, and what nothing that is sent with it gets over
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
    """In each turn, each vendor has another of the seven faults; after seven, each has all of them.

    The plain wiring sends its lines once a minute: in so short a time it doesn't meet the faults of CloudWatch Logs.
    """
    faults = {vendor: FAULTS[(turn + place) % len(FAULTS)] for place, vendor in enumerate(VENDORS)}
    # What a fault does, it does each time; what else is done on this machine doesn't happen three times.
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
    """The same for all turns. A turn that is slower than these compares itself with new ones."""
    return load(wiring, {})


def load(wiring: Wiring, faults: Mapping[str, str]) -> list[Exchange]:
    """The requests of a new server while vendors fail."""
    with FaultyVendors() as vendors:
        # Before the start: X-Ray's daemon is requested the rules then.
        if "xray" in faults:
            vendors.fail("xray", faults["xray"])
        with Server(wiring, vendors.environ()) as server:
            assert server.seconds_until_served(BOOT_SECONDS) < BOOT_SECONDS
            first = send_requests(server, TO_WARM_UP)
            for vendor, fault in faults.items():
                vendors.fail(vendor, fault)
            exchanges = send_requests(server, REQUESTS)
            if wiring is OURS:
                assert_told(server, vendors, faults, [*first, *exchanges])
            server.kill()
    return exchanges


def send_requests(server: Server, number: int) -> list[Exchange]:
    """Each tenth raises an exception of a kind of its own, so that Rollbar gets it as it comes."""
    paths = [f"{RAISE}?kind=Fault{n}" if n % 10 == 0 else HOME for n in range(number)]
    with Load(server.address, paths, clients=4, rate=RATE) as sent:
        sent.wait()
    return sent.exchanges


def p99(exchanges: list[Exchange]) -> float:
    """In ms."""
    return 1000 * percentile((exchange.seconds for exchange in exchanges), 99)


def responded_otherwise(exchanges: list[Exchange]) -> int:
    return sum(exchange.status != (200 if exchange.path == HOME else 500) for exchange in exchanges)


def assert_told(server: Server, vendors: FaultyVendors, faults: Mapping[str, str], requests: list[Exchange]) -> None:
    """What is wrong while it is; and when it's over, how much arrived, and how much was refused permanently."""
    for vendor, fault in faults.items():
        text = what_is_told(vendor, fault)
        health_when(server, lambda now: text in str(now[vendor]["last_error"]), f"{vendor} {fault}: {text}")  # noqa: B023
    if faults and faults["xray"] != "refused":
        assert vendors.requests["/GetSamplingRules"] > 0
    for vendor in faults:
        vendors.recover(vendor)
    final = health_when_sent(server)
    assert_agree(final, vendors)
    raised = sum(request.path != HOME for request in requests)
    served = len(requests) - raised + 1  # until it served, it was requested once
    made = {"honeycomb": 2 * served + raised, "xray": served + raised, "rollbar": raised}
    for vendor, number in made.items():
        assert final[vendor]["sent"] + final[vendor]["failed"] == number, vendor
    for vendor in VENDORS:
        refused_permanently = faults.get(vendor) in PERMANENTLY and vendor in {"honeycomb", "rollbar"}
        assert (final[vendor]["failed"] > 0) == refused_permanently, vendor
        assert final[vendor]["dropped"] == 0, vendor


def what_is_told(vendor: str, fault: str) -> str:
    """Part of the last error; of a slow vendor there needn't be one, nor of X-Ray, whose datagrams go as usual."""
    if fault == "slow" or (vendor == "xray" and fault != "refused"):
        return ""
    if fault in STATUSES:
        return AWS_ERRORS[int(fault)] if vendor == "cloudwatch" else f"responded {fault}"
    return REPORTED[vendor, fault]
