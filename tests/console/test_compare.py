"""Two requests are compared part by part."""

from typing import Any

import console_traces as made
from console_traces import MS, trace_of
from queries.compare import ABSENT, Comparison, compare, compare_with_median
from queries.differences import in_words, lengths
from queries.errors import errors
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


def test_significant_differences_are_separate() -> None:
    """Ids, times and ports differ between any two requests, and are listed apart."""
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


def test_parts_of_one_request() -> None:
    """An attribute and a span that only one request has are shown at their place."""
    a, b = request(10), request(10, **{"app.new": None})
    b = trace_of([*b.spans, made.span("extra", 3, 4, b.spans[0]["span_id"])], lines=b.lines)

    comparison = compared(a, b)

    different = [(field.part, field.name, field.a, field.b) for field in comparison.different]
    assert different == [("GET /", "app.new", ABSENT, None)]
    assert (comparison.only_a, comparison.only_b) == ({}, {("span", "extra"): 1})
    assert [(one.name, one.a_ns, one.b_ns) for one in comparison.timings][-1] == ("extra", None, MS)


def test_true_is_not_one() -> None:
    [field] = compared(request(1, flag=True), request(1, flag=1)).different
    assert (field.a, field.b) == (True, 1)


def test_a_request_is_the_same_as_itself() -> None:
    a = request(10)
    comparison = compared(a, a)
    assert (comparison.different, comparison.incidental) == ([], [])


def test_requests_of_two_routes() -> None:
    """The outermost parts of two routes match, although their names differ."""
    a = trace_of([made.span("GET /a", 0, 2, attributes={"http.route": "/a"})])
    b = trace_of([made.span("GET /b", 0, 3, attributes={"http.route": "/b"})])
    comparison = compared(a, b)
    assert [(field.name, field.a, field.b) for field in comparison.different] == [("http.route", "/a", "/b")]
    assert [one.difference_ns for one in comparison.timings] == [MS]


def words(a: Trace, b: Trace) -> list[str]:
    lines = timeline(a), timeline(b)
    return in_words(a.summary, b.summary, compare(*lines), *map(errors, lines))


def test_the_differences_are_described() -> None:
    """The differences are described: the status, the duration with its main part, and the parts of one request."""
    a = request(10, **{"http.response.status_code": 200})
    event = {"name": "exception", "time_ns": made.START_NS, "attributes": {"exception.type": "ValueError"}}
    attributes = {"http.response.status_code": 500}
    server = made.span("GET /", 0, 40, attributes=attributes, events=[event])
    child = made.span("mock-data", 1, 30, server["span_id"])
    extra = [made.span("SELECT", 3, 4, child["span_id"]) for _ in range(26)]
    b = trace_of([server, child, *extra], lines=[made.line("listed", 1), made.line("failed", 2)])

    assert words(a, b) == [
        "A has the status 200, and B has the status 500.",
        "Only B failed with ValueError.",
        (
            "B took 30.0 ms longer than A: 40.0 ms in place of 10.0 ms (4.0 times). Most of it is the span mock-data:"
            " 28.0 ms longer."
        ),
        "Only B has the span SELECT (\N{MULTIPLICATION SIGN} 26).",
        "Only B has the log line failed.",
    ]
    assert words(a, a) == []


def test_sampling_is_no_difference() -> None:
    """A vendor whose sampling skipped a request is not compared, and the text says so."""
    inner = made.segment("inner", 1, 2)
    spans = [made.span("GET /", 0, 10)]
    sampled = trace_of(spans, [made.segment("backend-flask", 0, 9, subsegments=[inner])], all_expected=True)
    passed_over = trace_of(spans, all_expected=True)
    for a, b, lacks in ((sampled, passed_over, "B"), (passed_over, sampled, "A")):
        comparison = compared(a, b)
        assert [one.kind for one in comparison.timings] == ["span"]
        assert (comparison.different, comparison.only_a, comparison.only_b) == ([], {}, {})
        [sentences] = words(a, b)
        assert f"of {lacks}, X-Ray did not sample it" in sentences


def test_the_median_of_a_route() -> None:
    """The median is calculated for each part, over the requests that have it."""
    others = [timeline(request(length)) for length in (8, 10, 30)]
    slow = timeline(request(20))
    timings = compare_with_median(others, slow)
    assert [(one.name, one.a_ns, one.b_ns) for one in timings] == [
        ("GET /", 10 * MS, 20 * MS),
        ("mock-data", MS, MS),
    ]
    assert list(lengths("the median of 3", timings)) == [
        "B took 10.0 ms longer than the median of 3: 20.0 ms in place of 10.0 ms (100 %)."
    ]
    assert [one.a_ns for one in compare_with_median([], slow)] == [None, None]
