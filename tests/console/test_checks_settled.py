"""A check for another record waits until it can't arrive any more."""

import pytest

import console_traces as made
from checks import check
from checks.findings import Finding
from console_traces import LATER_NS, RECEIVED_NS, trace_of
from facts import VENDORS
from store.totals import VendorTotals
from traces import YOUNG_NS, Trace

ORPHAN_SPAN = trace_of([made.span("a child", 0, 1, "a" * 16)])
ORPHAN_SUBSEGMENT = trace_of(documents=[made.segment("a part", 0, 1, type="subsegment", parent_id="a" * 16)])
UNENDED = made.segment("backend-flask", 0, 1, in_progress=True)
del UNENDED["end_time"]
IN_PROGRESS = trace_of(documents=[UNENDED])
NAMES_ANOTHER = trace_of([made.span("GET /", 0, 1)], lines=[made.line("request_served", 1, span_id="b" * 16)])


def found(trace: Trace, text: str, now_ns: int) -> list[Finding]:
    totals = {vendor: VendorTotals(received=5) for vendor in VENDORS}
    return [finding for finding in check(trace, totals, None, now_ns) if text in finding.wrong]


@pytest.mark.parametrize(
    ("trace", "text"),
    [
        (ORPHAN_SPAN, "has a parent"),
        (ORPHAN_SUBSEGMENT, "outside a segment"),
        (IN_PROGRESS, "never ended"),
        (NAMES_ANOTHER, "isn't here"),
    ],
)
def test_it_is_reported_after_its_time(trace: Trace, text: str) -> None:
    """The time counts from the newest record's arrival."""
    assert found(trace, text, RECEIVED_NS) == []
    assert found(trace, text, RECEIVED_NS + YOUNG_NS) == []
    assert len(found(trace, text, RECEIVED_NS + YOUNG_NS + 1)) == len(found(trace, text, LATER_NS)) == 1
