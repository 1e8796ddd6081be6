"""A trace is shown on one time axis."""

import pytest

import console_traces as made
from console_traces import MS, START_NS, trace_of
from queries.rows import span_row
from queries.timeline import MAX_ROWS, nested, timeline


def test_spans_and_segments_are_on_one_axis() -> None:
    """Both vendors' times, nanoseconds and seconds, are on the same axis, and children are below their parents."""
    server = made.span("GET /", 0, 10)
    inner = made.segment("inner", 5, 7.5)
    trace = trace_of(
        [made.span("child", 2, 4, server["span_id"]), server],
        [made.segment("backend-flask", 1, 9, subsegments=[inner])],
    )

    laid_out = timeline(trace)

    rows = [(row.kind, row.name, row.depth) for row in laid_out.rows]
    assert rows == [
        ("span", "GET /", 0),
        ("span", "child", 1),
        ("segment", "backend-flask", 0),
        ("subsegment", "inner", 1),
    ]
    places = [(round(laid_out.percent(row.start_ns)), round(laid_out.width(row))) for row in laid_out.rows]
    assert places == [(0, 100), (20, 20), (10, 80), (50, 25)]
    assert len({row.key for row in laid_out.rows}) == 4


def test_a_lone_subsegment_stands_under_its_parent() -> None:
    """A subsegment that X-Ray's SDK sent alone, out of a large segment, is below its parent."""
    parent = made.segment("backend-flask", 0, 9)
    lone = made.segment("lone", 1, 2, type="subsegment", parent_id=parent["id"])

    rows = timeline(trace_of(documents=[lone, parent])).segments

    assert [(row.name, row.kind, row.depth) for row in rows] == [
        ("backend-flask", "segment", 0),
        ("lone", "subsegment", 1),
    ]


def test_ids_twice_and_parents_in_a_circle() -> None:
    """Each record is drawn once, even with duplicate ids or parents in a cycle."""
    a, b = "a" * 16, "b" * 16
    circle = [made.span("a", 0, 1, b, span_id=a), made.span("b", 0, 1, a, span_id=b)]
    itself = made.span("itself", 0, 1, "c" * 16, span_id="c" * 16)
    twice = [made.span("twice", 0, 1, span_id="d" * 16), made.span("twice", 0, 1, span_id="d" * 16)]

    rows = timeline(trace_of([*circle, itself, *twice])).spans

    assert sorted(row.name for row in rows) == ["a", "b", "itself", "twice", "twice"]


def test_exceptions_are_where_they_happened() -> None:
    """A span's exception is at the event's time, a subsegment's at its end, and an item's at the span's."""
    event = {"name": "exception", "time_ns": START_NS + 3 * MS, "attributes": {}}
    server = made.span("GET /", 0, 10, events=[event], status={"code": "ERROR", "message": ""})
    cause = {"exceptions": [{"id": "1", "type": "ValueError"}]}
    inner = made.segment("inner", 1, 2, fault=True, cause=cause)
    outer = made.segment("backend-flask", 0, 9, subsegments=[inner], fault=True, cause=inner["id"])
    item = made.item(custom={"trace_id": made.TRACE_ID, "span_id": server["span_id"]})

    laid_out = timeline(trace_of([server], [outer], items=[item]))

    assert laid_out.spans[0].exceptions == [START_NS + 3 * MS]
    assert [len(row.exceptions) for row in laid_out.segments] == [0, 1]
    assert laid_out.items[0].start_ns == START_NS + 3 * MS
    assert all(row.failed for row in [*laid_out.spans, *laid_out.segments])


@pytest.mark.parametrize("flags", [{"error": True}, {"error": True, "throttle": True}])
def test_an_error_is_no_fault(flags: dict[str, bool]) -> None:
    """An X-Ray error is a 4xx of the caller, and a fault is a 5xx of the API."""
    error, fault = made.segment("error", 0, 1, **flags), made.segment("fault", 1, 2, fault=True)

    rows = timeline(trace_of(documents=[error, fault])).segments

    assert [(row.failed, row.erred) for row in rows] == [(False, True), (True, False)]


def test_an_item_with_whole_seconds() -> None:
    """An item is within its second, as far as its span reaches, and a message is not at an exception's time."""
    event = {"name": "exception", "time_ns": START_NS + 3 * MS, "attributes": {}}
    server, job = made.span("GET /", 0, 2000), made.span("job", 500, 2000, events=[event])
    body = {"message": {"body": "Hello World!"}}
    custom = {"trace_id": made.TRACE_ID, "span_id": job["span_id"]}
    coarse = made.item(body=body, custom=custom, level="warning")
    precise = made.item(body=body, custom=custom, timestamp=START_NS / 10**9 + 0.75)

    rows = timeline(trace_of([server, job], items=[coarse, precise])).items

    assert (rows[0].start_ns, rows[0].latest_ns) == (START_NS + 500 * MS, START_NS + 1000 * MS)
    assert (round(rows[1].start_ns, -6), rows[1].latest_ns) == (START_NS + 750 * MS, None)


def test_lines_of_one_millisecond() -> None:
    """Lines of one millisecond, CloudWatch's resolution, are drawn in order and apart, as late as their span allows."""
    server = made.span("GET /", 0.4, 10)
    lines = [made.line("one", 0, span_id=server["span_id"]), made.line("two", 0), made.line("three", 5)]

    laid_out = timeline(trace_of([server], lines=lines))

    assert [row.start_ns - START_NS for row in laid_out.lines] == [700_000, MS - 1, 6 * MS - 1]
    assert (laid_out.start_ns, laid_out.end_ns) == (server["start_ns"], server["end_ns"])


def test_the_access_line_is_drawn_when_it_was_written() -> None:
    """The access line is drawn its `ms` after its span's start, and after the request's earlier lines.

    CloudWatch keeps only one millisecond for both.
    """
    server, job = made.span("GET /", 0.1, 0.95), made.span("job", 0.4, 0.6)
    segment = made.segment("backend-flask", 0.2, 0.9)
    listed = made.line("listed", 0, span_id=job["span_id"])
    served = made.line("request_served", 0, span_id=server["span_id"], ms=0.7)
    unknown = made.line("request_served", 0, span_id=server["span_id"], ms="long")

    laid_out = timeline(trace_of([server, job], [segment], [listed, served]))
    without = timeline(trace_of([server, job], [segment], [listed, unknown]))

    assert [row.start_ns - START_NS for row in laid_out.lines] == [600_000, 800_000]
    assert [row.start_ns - START_NS for row in without.lines] == [600_000, 950_000]


def test_a_line_that_its_span_or_all_spans_miss() -> None:
    """A line outside its span, or outside all spans, is drawn in its millisecond."""
    server = made.span("GET /", 0, 1)
    lines = [made.line("late", 3, span_id=server["span_id"], ms=0.5), made.line("later", 5)]

    rows = timeline(trace_of([server], lines=lines)).lines

    assert [(row.start_ns - START_NS) // MS for row in rows] == [3, 5]


def test_what_never_ended_goes_on_to_the_end() -> None:
    open_segment = made.segment("open", 2, 0, in_progress=True)
    del open_segment["end_time"]

    laid_out = timeline(trace_of([made.span("GET /", 0, 10)], [open_segment]))

    row = laid_out.segments[0]
    assert (row.duration_ns, round(laid_out.width(row))) == (None, 80)


@pytest.mark.parametrize("order", [1, -1])
def test_a_segment_in_progress_and_the_same_when_ended(order: int) -> None:
    """A segment in progress and its ended version are one, in any order, and each entity is drawn once."""
    inner = made.segment("inner", 1, 2)
    ended = made.segment("backend-flask", 0, 9, subsegments=[inner])
    begun = {name: value for name, value in ended.items() if name != "end_time"} | {"in_progress": True}

    rows = timeline(trace_of(documents=[begun, ended][::order])).segments

    assert [(row.name, row.depth, row.duration_ns is None) for row in rows] == [
        ("backend-flask", 0, False),
        ("inner", 1, False),
    ]


def test_what_is_only_in_a_segment_in_progress() -> None:
    """A subsegment that only a segment in progress contains is drawn, even if that came twice."""
    inner = made.segment("inner", 1, 2)
    ended = made.segment("backend-flask", 0, 9)
    begun = {name: value for name, value in ended.items() if name != "end_time"} | {"in_progress": True}
    begun["subsegments"] = [inner]

    rows = timeline(trace_of(documents=[begun, begun, ended])).segments

    assert {(row.name, row.depth) for row in rows} == {("backend-flask", 0), ("inner", 1)}


def test_a_subsegment_that_ended_after_its_segment_was_sent() -> None:
    """A subsegment that ended later comes alone, and replaces the one in progress."""
    lone = made.segment("inner", 1, 12, type="subsegment")
    begun = {name: value for name, value in lone.items() if name not in ("end_time", "type")} | {"in_progress": True}
    outer = made.segment("backend-flask", 0, 9, subsegments=[begun])

    rows = timeline(trace_of(documents=[outer, lone | {"parent_id": outer["id"]}])).segments

    assert [(row.name, row.depth, row.duration_ns is None) for row in rows] == [
        ("backend-flask", 0, False),
        ("inner", 1, False),
    ]


def test_the_scale_has_round_times() -> None:
    """The scale has two to six round times from 0 on."""
    for length_ms in (0.0001, 0.0123, 1, 3.84, 9.9, 47, 61_000):
        scale = timeline(trace_of([made.span("GET /", 0, length_ms)])).scale()
        assert 2 <= len(scale) <= 6, (length_ms, scale)
        assert scale[0] == (0, 0)


def test_absurd_times_are_drawn_somewhere() -> None:
    """Impossible times are drawn within the axis from 0 to 100 %."""
    laid_out = timeline(trace_of([made.span("a", 0, 1, start_ns=0, end_ns=2**64 - 1), made.span("b", 5, 1)]))

    for row in laid_out.rows:
        assert 0 <= laid_out.percent(row.start_ns) <= 100
        assert laid_out.width(row) >= 0


def test_many_spans_without_their_parents() -> None:
    """Each of many spans without a parent is drawn once, at the top."""
    spans = [made.span("lost", number, number + 1, f"{number + 1:016x}") for number in range(10_000)]
    rows = [span_row(span | {"received_ns": made.LATER_NS}) for span in spans]
    assert [(row.name, row.depth) for row in nested(rows)] == [("lost", 0)] * 10_000


def test_rows_have_a_bound() -> None:
    laid_out = timeline(trace_of([made.span("GET /", 0, 1) for _ in range(MAX_ROWS + 3)]))

    assert (len(laid_out.spans), laid_out.left_out) == (MAX_ROWS, 3)
