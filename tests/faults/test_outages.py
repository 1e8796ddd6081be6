"""A vendor that returns after an outage receives everything that it missed."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import repeat

import pytest

from accounts import assert_agree, health, health_when_sent, received
from faulty_vendors import FaultyVendors
from load import Load
from loopback import Request
from receivers import otlp
from vendors import Record
from wirings import HOME, OURS, PLAIN, Server, Wiring

BOOT_SECONDS = 20
RATE = 60.0  # requests per second, with two spans and two lines each
SPANS_AWAY = 8.0  # seconds
LINES_AWAY = 5.0
SPANS = 2
LINES = {OURS: 2, PLAIN: 1}  # lines of a request with its trace id
# Seconds of load before the outage. The plain wiring first sends lines after a minute, so its outage is then.
BEFORE = {OURS: 2.0, PLAIN: 59.0}
BATCH_SPANS = 2_048
BATCH_LINES = RATE * LINES_AWAY * LINES[OURS]  # no batch has more: it is sent when CloudWatch Logs returns


@pytest.mark.parametrize(
    ("of_spans", "of_lines"), [("refused", "refused"), ("hanging", "hanging"), ("500", "429")], ids=str
)
def test_nothing_is_lost(wiring: Wiring, measured: Callable[..., None], of_spans: str, of_lines: str) -> None:
    """Honeycomb is away for 8 s, and CloudWatch Logs for the first 5 s, under a steady load. Health reports it."""
    with FaultyVendors() as vendors, Server(wiring, vendors.environ()) as server:
        assert server.seconds_until_served(BOOT_SECONDS) < BOOT_SECONDS
        with Load(server.address, repeat(HOME), clients=4, rate=RATE) as load:
            time.sleep(BEFORE[wiring])
            vendors.fail("honeycomb", of_spans)
            vendors.fail("cloudwatch", of_lines)
            time.sleep(LINES_AWAY)
            lines_out = health(server) if wiring is OURS else {}
            vendors.recover("cloudwatch")
            time.sleep(SPANS_AWAY - LINES_AWAY)
            spans_out = health(server) if wiring is OURS else {}
            vendors.recover("honeycomb")
            time.sleep(2)
        if wiring is OURS:
            for vendor, out in (("cloudwatch", lines_out), ("honeycomb", spans_out)):
                assert out[vendor]["waiting"] > 0
                assert out[vendor]["last_error"]
            final = health_when_sent(server)
            assert_agree(final, vendors)
            assert [(report["dropped"], report["failed"]) for report in final.values()] == [(0, 0)] * len(final)
        server.stop(timeout=60)

    assert {exchange.status for exchange in load.exchanges} == {200}
    requested = [exchange.trace_id for exchange in load.exchanges]
    spans_lost = missing(requested, vendors.spans, "span_id", SPANS)
    lines_lost = missing(requested, [with_id(line) for line in vendors.lines], "id", LINES[wiring])
    measured(7, wiring, "spans lost", spans_lost, at_most=0, case=of_spans)
    measured(8, wiring, "lines lost", lines_lost, at_most=0, case=of_lines)
    arrived = received(vendors)
    measured(7, wiring, "spans twice", twice(arrived["honeycomb"]), at_most=BATCH_SPANS, case=of_spans)
    if wiring is OURS:  # the plain wiring's lines of one moment can't be distinguished
        measured(8, wiring, "lines twice", twice(arrived["cloudwatch"]), at_most=BATCH_LINES, case=of_lines)


def test_a_vendor_that_always_responds_late(measured: Callable[..., None]) -> None:
    """A vendor responds later than the first timeout.

    The API waits longer then, so no worker sends more than a batch twice.
    """
    batches: Counter[tuple[object, ...]] = Counter()
    late = {"honeycomb": 3.0, "cloudwatch": 4.5, "rollbar": 4.5}

    def respond_late(vendor: str, seconds: float) -> Callable[[Request], None]:
        def behave(request: Request) -> None:
            batches[vendor, batch_of(vendor, request)] += 1
            time.sleep(seconds)

        return behave

    with FaultyVendors() as vendors, Server(OURS, vendors.environ()) as server:
        assert server.seconds_until_served(BOOT_SECONDS) < BOOT_SECONDS
        with Load(server.address, repeat(HOME), clients=4, rate=RATE):
            # Before there is a stream, a batch is refused and sent again.
            vendors.wait_for(lambda: len({line["log_stream"] for line in vendors.lines}) == 2, why="the log streams")
        health_when_sent(server)
        vendors.behaviour |= {vendor: respond_late(vendor, seconds) for vendor, seconds in late.items()}
        paths = [HOME] * 200 + ["/api/faults/raise"] * 2
        with Load(server.address, paths, clients=4, rate=RATE) as load:
            load.wait()
        final = health_when_sent(server, timeout=60)
        assert_agree(final, vendors)
        vendors.behaviour.clear()

    for row, vendor in ((7, "honeycomb"), (8, "cloudwatch"), (8, "rollbar")):
        times = [number for (whose, *_), number in batches.items() if whose == vendor]
        measured(row, OURS, "times the same batch", max(times), at_most=2, case=f"{vendor} always late")
        assert sum(number > 1 for number in times) <= 2, "more than one of each worker"


def missing(requested: list[str], records: Iterable[Record], name: str, each: int) -> int:
    """Return how many of the expected records are missing, by trace id."""
    found: dict[str, set[object]] = {trace_id: set() for trace_id in requested}
    for record in records:
        found.setdefault(record["trace_id"], set()).add(record[name])
    return sum(max(0, each - len(found[trace_id])) for trace_id in requested)


def with_id(line: Record) -> Record:
    fields = line["fields"] or {}
    return {"trace_id": fields.get("trace_id", ""), "id": fields.get("event")}


def twice(ids: list[object]) -> int:
    return len(ids) - len(set(ids))


def batch_of(vendor: str, request: Request) -> object:
    """Return what is the same when a batch is sent again. Its compressed body differs."""
    if vendor != "honeycomb":
        return request.body
    headers = request.headers
    spans, _ = otlp.receive(request.body, headers.get("Content-Type", ""), headers.get("Content-Encoding", ""))
    return frozenset(span["span_id"] for span in spans)
