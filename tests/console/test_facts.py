"""The record that describes a request best wins, in any order of arrival."""

import random
from functools import reduce
from itertools import permutations
from operator import or_
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import console_traces as made
from facts import Facts
from store.record_facts import facts_of


def of_span(start_ms: int, route: str, **fields: Any) -> Facts:
    span = made.span("a span", start_ms, start_ms + 1, attributes={"http.route": route}, **fields)
    return facts_of("honeycomb", span, made.RECEIVED_NS)


def of_segment(start_ms: int, path: str, **fields: Any) -> Facts:
    http = {"request": {"url": f"http://localhost{path}"}}
    return facts_of("xray", made.segment("a-service", start_ms, start_ms + 1, http=http, **fields), made.RECEIVED_NS)


def in_progress(start_ms: float, path: str) -> Facts:
    document = made.segment("a-service", start_ms, 0, in_progress=True, http={"request": {"url": f"http://x{path}"}})
    del document["end_time"]
    return facts_of("xray", document, made.RECEIVED_NS)


RAISED = {"name": "exception", "attributes": {"exception.type": "ValueError", "exception.message": "nothing left"}}

# The best is first, and the earliest is last.
RANKED = [
    of_span(9, "/server"),
    of_span(8, "/called-server", parent="a" * 16, kind="SERVER"),
    of_segment(7, "/segment"),
    of_segment(6, "/called-segment", parent_id="a" * 16),
    facts_of("cloudwatch", made.line("request_served", 5, route="/line", ms=0.0), made.RECEIVED_NS),
    of_span(4, "/root", kind="INTERNAL"),
    of_span(3, "/span", parent="a" * 16),
    in_progress(2.5, "/in-progress"),
    facts_of(
        "rollbar",
        made.item(timestamp=(made.START_NS + 2 * made.MS) / 1e9, request={"url": "http://localhost/item"}),
        made.RECEIVED_NS,
    ),
    of_segment(1, "/lone-subsegment", parent_id="a" * 16, type="subsegment"),
]


@pytest.mark.parametrize("at", range(len(RANKED) - 1))
def test_the_best_record_wins(at: int) -> None:
    """The best record wins over others that began earlier."""
    assert reduce(or_, RANKED[at:]).route == RANKED[at].route
    assert reduce(or_, reversed(RANKED[at:])).route == RANKED[at].route


def test_the_earliest_of_equal_records_wins() -> None:
    """The earliest of equal records wins, such as the segments of a service and of the one that it calls."""
    segments = [of_segment(start_ms, f"/{start_ms}") for start_ms in (3, 1, 2)]

    assert {reduce(or_, order).route for order in permutations(segments)} == {"/1"}


# Besides those above, records with other services, and with other texts for one error.
DIFFERING = [
    *RANKED,
    of_span(9, "/server", resource={"service.name": "front"}),
    of_span(8, "/called-server", parent="a" * 16, kind="SERVER", resource={"service.name": "stock"}, events=[RAISED]),
    of_span(3, "/span", parent="a" * 16, status={"code": "ERROR", "message": "no stock"}),
    facts_of("cloudwatch", made.line("nothing_left", 5, level="ERROR"), made.RECEIVED_NS),
    facts_of("cloudwatch", made.line("out_of_stock", 5, level="ERROR"), made.RECEIVED_NS),
]


@given(st.lists(st.sampled_from(DIFFERING), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_any_order_and_grouping(records: list[Facts], chance: random.Random) -> None:
    """A request's facts are the same in any order and in any batches of arrival."""
    waiting = list(records)
    while len(waiting) > 1:
        one, other = (waiting.pop(chance.randrange(len(waiting))) for _ in range(2))
        waiting.append(one | other)

    assert waiting == [reduce(or_, records)]


def test_the_exception_that_arrives_last() -> None:
    """An exception in a called service is the request's error, although an ERROR line arrived earlier."""
    line, root, raised = DIFFERING[-2], DIFFERING[-5], DIFFERING[-4]

    assert {reduce(or_, order).error for order in permutations([line, root, raised])} == {"ValueError: nothing left"}


def test_facts_from_any_record() -> None:
    """The service's name and the error come from any record that has them, and each record is counted."""
    access = facts_of(
        "cloudwatch", made.line("request_served", 5, route="/line", status=500, ms=250.0), made.RECEIVED_NS
    )
    lone = of_segment(1, "/x", parent_id="a" * 16, type="subsegment")
    both = access | lone | of_segment(2, "/y", parent_id="a" * 16)

    assert (both.service, both.has_error, both.failed) == ("a-service", True, True)
    assert (both.spans, both.segments, both.lines, both.items) == (0, 2, 1, 0)
    assert access.started_ns == made.START_NS + (5 - 250) * made.MS  # the line is written at the end
