"""A record with an impossible time is listed by its arrival, drawn by its other times, and reported."""

import time
from typing import Any

import pytest

import console_traces as made
from checks import check
from checks.findings import Finding
from console_senders import new_trace_id, post_spans, segment, send_segment, span, wait_for_trace
from console_server import ConsoleServer
from console_traces import LATER_NS, RECEIVED_NS, START_NS, trace_of
from facts import VENDORS
from queries.timeline import timeline
from store.record_facts import facts_of
from store.totals import VendorTotals
from traces import Record, Trace

YEAR_NS = 365 * 86_400 * 10**9
TOTALS = {vendor: VendorTotals(received=5) for vendor in VENDORS}


def found(trace: Trace) -> list[Finding]:
    return [one for one in check(trace, TOTALS, None, LATER_NS) if "says that it" in one.wrong or "ends" in one.wrong]


def of_unit(factor: float) -> Record:
    """Return a segment whose times have another unit."""
    document = made.segment("a-service", 0, 10, annotations={})
    return document | {name: document[name] * factor for name in ("start_time", "end_time")}


def in_nanoseconds(divisor: int) -> Record:
    """Return a span whose times have another unit."""
    return made.span("GET /", 0, 10, start_ns=START_NS // divisor, end_ns=(START_NS + 10**9) // divisor)


WRONG = [
    ("honeycomb", made.span("GET /", 0, 10, start_ns=START_NS + YEAR_NS, end_ns=START_NS + YEAR_NS + 10), "days after"),
    ("honeycomb", made.span("GET /", 0, 10, start_ns=0), "in 1970"),
    ("honeycomb", in_nanoseconds(10**9), "in 1970"),
    ("honeycomb", in_nanoseconds(10**6), "in 1970"),
    ("honeycomb", in_nanoseconds(10**3), "in 1970"),
    ("xray", of_unit(1e3), "days after"),
    ("xray", of_unit(1e6), "days after"),
    ("xray", of_unit(1e9), "days after"),
    ("xray", of_unit(0), "in 1970"),
    ("rollbar", made.item(timestamp=START_NS // 10**6), "days after"),
]


def trace_with(vendor: str, record: Record, *others: Record) -> Trace:
    kinds: dict[str, Any] = {"honeycomb": "spans", "xray": "documents", "rollbar": "items"}
    return trace_of(**{kinds[vendor]: [record, *others]})


@pytest.mark.parametrize(("vendor", "record", "when"), WRONG)
def test_it_stands_where_it_arrived(vendor: str, record: Record, when: str) -> None:
    facts = facts_of(vendor, record, RECEIVED_NS)
    assert facts.started_ns == RECEIVED_NS
    assert facts.duration_ms is None


@pytest.mark.parametrize(("vendor", "record", "when"), WRONG)
def test_it_is_reported(vendor: str, record: Record, when: str) -> None:
    [finding] = found(trace_with(vendor, record))
    assert when in finding.wrong
    assert finding.why
    assert finding.look_at


@pytest.mark.parametrize(
    ("vendor", "record", "unit"),
    [
        ("xray", of_unit(1e3), "milliseconds"),
        ("xray", of_unit(1e6), "microseconds"),
        ("xray", of_unit(1e9), "nanoseconds"),
        ("honeycomb", in_nanoseconds(10**9), "seconds"),
        ("honeycomb", in_nanoseconds(10**6), "milliseconds"),
        ("honeycomb", in_nanoseconds(10**3), "microseconds"),
    ],
)
def test_the_unit_is_named(vendor: str, record: Record, unit: str) -> None:
    [finding] = found(trace_with(vendor, record))
    assert f"is a time in {unit}," in finding.why


def test_a_clock_slightly_ahead_is_accepted() -> None:
    ahead = made.span("GET /", 0, 10, start_ns=RECEIVED_NS + 60 * 10**9, end_ns=RECEIVED_NS + 61 * 10**9)
    assert facts_of("honeycomb", ahead, RECEIVED_NS).started_ns == ahead["start_ns"]
    assert found(trace_of([ahead])) == []


@pytest.mark.parametrize("vendor", ["honeycomb", "xray"])
def test_an_end_before_the_start(vendor: str) -> None:
    """An entity or subsegment that ends before it starts has no duration, and is reported."""
    inner = made.segment("inner", 6, 1)
    records = {"honeycomb": made.span("GET /", 5, 0), "xray": made.segment("a", 5, 0, subsegments=[inner])}
    trace = trace_with(vendor, records[vendor])

    faults = [finding.wrong for finding in found(trace)]
    assert "ends 5 ms before it starts" in faults[0]
    assert len(faults) == (1 if vendor == "honeycomb" else 2)
    assert trace.summary.duration_ms is None
    row = timeline(trace).rows[0]
    assert (row.duration_ns, row.ends_before_it_starts, timeline(trace).width(row)) == (0, True, 0)


def test_the_axis_is_that_of_the_others() -> None:
    """A span with a wrong clock does not shrink the others. If all are wrong, they are drawn."""
    right = [made.span("GET /", 0, 10), made.span("child", 2, 4, "a" * 16)]
    wrong = made.span("wrong", 0, 1, start_ns=START_NS + YEAR_NS, end_ns=START_NS + YEAR_NS + 10)
    laid_out = timeline(trace_of([*right, wrong]))
    assert laid_out.end_ns - laid_out.start_ns == 10 * made.MS
    alone = timeline(trace_of([wrong]))
    assert (alone.percent(alone.spans[0].start_ns), alone.width(alone.spans[0])) == (0, 100)


def test_the_newest_request_is_first_whatever_came_before(console: ConsoleServer) -> None:
    """The newest request is first, whatever year or unit an earlier one's times have."""
    next_year, in_ms, now = (new_trace_id() for _ in range(3))
    ahead = time.time_ns() + YEAR_NS
    post_spans(console, span(next_year, startTimeUnixNano=str(ahead), endTimeUnixNano=str(ahead + 10)))
    wait_for_trace(console, next_year, spans=1)
    document = segment(in_ms)
    send_segment(console, document | {name: document[name] * 1e3 for name in ("start_time", "end_time")})
    wait_for_trace(console, in_ms, segments=1)
    post_spans(console, span(now))
    wait_for_trace(console, now, spans=1)

    assert console.listed(limit=3) == [now, in_ms, next_year]
