"""Two requests of one route, side by side."""

from typing import Any

import console_traces as made
from console_traces import MS, trace_of
from queries.compare import ABSENT, Comparison, compare
from queries.timeline import timeline
from traces import Trace


def request(length_ms: float, **attributes: Any) -> Trace:
    server = made.span("GET /", 0, length_ms, attributes={"client.port": int(length_ms * 1000)} | attributes)
    child = made.span("mock-data", 1, 2, server["span_id"], attributes={"app.result_length": 3})
    return trace_of([server, child], lines=[made.line("listed", 1)])


def compared(a: Trace, b: Trace) -> Comparison:
    return compare(timeline(a), timeline(b))


def test_durations_side_by_side() -> None:
    comparison = compared(request(10), request(14))

    assert [(one.name, one.depth, one.difference_ns) for one in comparison.timings] == [
        ("GET /", 0, 4 * MS),
        ("mock-data", 1, 0),
    ]


def test_what_differs_is_told_from_what_always_does() -> None:
    """Ids, times and ports differ between any two requests."""
    comparison = compared(
        request(10, **{"http.response.status_code": 200}), request(14, **{"http.response.status_code": 500})
    )

    [field] = comparison.different
    assert (field.part, field.section, field.name, field.a, field.b) == (
        "GET /",
        "attributes",
        "http.response.status_code",
        200,
        500,
    )
    names = {field.name for field in comparison.incidental}
    assert {"span_id", "client.port"} <= names
    assert ("app.result_length", 3) in [(field.name, field.a) for field in comparison.same]


def test_what_only_one_has() -> None:
    """An attribute, and a whole span, in its place."""
    a, b = request(10), request(10, **{"app.new": None})
    b.spans.append(made.span("extra", 3, 4, b.spans[0]["span_id"]))

    comparison = compared(a, b)

    different = [(field.part, field.name, field.a, field.b) for field in comparison.different]
    assert different == [("GET /", "app.new", ABSENT, None), ("extra", "", ABSENT, "there")]
    assert [(one.name, one.a_ns, one.b_ns) for one in comparison.timings][-1] == ("extra", None, MS)


def test_true_is_not_one() -> None:
    [field] = compared(request(1, flag=True), request(1, flag=1)).different
    assert (field.a, field.b) == (True, 1)


def test_a_request_is_the_same_as_itself() -> None:
    a = request(10)
    comparison = compared(a, a)
    assert (comparison.different, comparison.incidental) == ([], [])


def test_requests_of_two_routes() -> None:
    """Their outermost spans belong together, whatever they are called."""
    a = trace_of([made.span("GET /a", 0, 2, attributes={"http.route": "/a"})])
    b = trace_of([made.span("GET /b", 0, 3, attributes={"http.route": "/b"})])
    comparison = compared(a, b)
    assert [(field.name, field.a, field.b) for field in comparison.different] == [("http.route", "/a", "/b")]
    assert [one.difference_ns for one in comparison.timings] == [MS]
