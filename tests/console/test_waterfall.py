"""The timeline's script receives self times, the critical path, and every row of a large request."""

import console_traces as made
from console_traces import MS, trace_of
from queries.errors import errors
from queries.timeline import MAX_ROWS, timeline
from queries.waterfall import CRITICAL, FAILED, ODD, OPEN, waterfall
from traces import Record, Trace


def drawn(trace: Trace) -> Record:
    laid_out = timeline(trace)
    return waterfall(laid_out, errors(laid_out))


def by_name(trace: Trace) -> dict[str, list[object]]:
    return {row[5]: row for row in drawn(trace)["rows"]}


def shop() -> Trace:
    """A request that waits for b, which waits for d. a runs beside b, and c ends before it matters."""
    server = made.span("server", 0, 100)
    a = made.span("a", 5, 40, server["span_id"])
    b = made.span("b", 10, 90, server["span_id"])
    c = made.span("c", 12, 20, b["span_id"])
    d = made.span("d", 30, 85, b["span_id"])
    return trace_of([server, a, b, c, d])


def test_self_times() -> None:
    """A span's self time excludes its children, and children that overlap count once."""
    rows = by_name(shop())
    assert [rows[name][9] for name in ("server", "a", "b", "c", "d")] == [
        15 * MS,  # except 5 to 90, because a and b overlap
        35 * MS,
        17 * MS,
        8 * MS,
        55 * MS,
    ]


def test_the_critical_path() -> None:
    """The critical path contains c, because d began when it ended, and not a."""
    rows = by_name(shop())
    assert {name for name, row in rows.items() if int(str(row[8])) & CRITICAL} == {"server", "b", "c", "d"}


def test_a_path_without_a_root_or_with_a_wrong_clock() -> None:
    lonely = made.span("lonely", 0, 5, "f" * 16)
    assert int(str(by_name(trace_of([lonely]))["lonely"][8])) & CRITICAL
    backwards = made.span("backwards", 5, 0)
    assert int(str(by_name(trace_of([backwards]))["backwards"][8])) & ODD


def test_lanes_are_services_and_xrays_are_apart() -> None:
    front = made.span("GET /", 0, 10, resource={"service.name": "front"})
    back = made.span("GET /b", 1, 9, front["span_id"], resource={"service.name": "back"})
    inner = made.segment("inner", 2, 3)
    data = drawn(trace_of([front, back], [made.segment("back", 1, 9, subsegments=[inner])]))
    assert data["lanes"] == [["front", False], ["back", False], ["back", True]]
    assert [row[4] for row in data["rows"]] == [0, 1, 2, 2]
    assert [row[3] for row in data["rows"]] == [-1, 0, -1, 2]


def test_a_subsegment_on_its_own_is_of_its_segments_service() -> None:
    parent = made.segment("backend-flask", 0, 9)
    lone = made.segment("lone", 1, 2, type="subsegment", parent_id=parent["id"])
    data = drawn(trace_of(documents=[lone, parent]))
    assert data["lanes"] == [["backend-flask", True]]


def test_events_of_any_kind_have_their_times() -> None:
    events = [
        {"name": name, "time_ns": made.START_NS + at * MS, "attributes": {}}
        for name, at in (("cache.miss", 2), ("exception", 3))
    ]
    [row] = drawn(trace_of([made.span("GET /", 0, 10, events=events)]))["rows"]
    assert row[10] == [[2 * MS, "cache.miss", False], [3 * MS, "exception", True]]


def test_all_rows_are_there_and_the_last_that_fails_is_found() -> None:
    """All rows of the largest request are there, and the last failure is found."""
    server = made.span("GET /", 0, 100)
    calls = [made.span(f"call {number}", 1, 2, server["span_id"]) for number in range(9_998)]
    last = made.span("last", 99, 100, server["span_id"], status={"code": "ERROR", "message": "broken"})
    data = drawn(trace_of([server, *calls, last]))
    assert len(data["rows"]) == 10_000 < MAX_ROWS
    [place] = data["errors"]
    assert data["rows"][place][5] == "last"
    assert data["rows"][place][8] & FAILED


def test_rows_that_never_ended() -> None:
    begun = made.segment("open", 2, 0, in_progress=True)
    del begun["end_time"]
    [row] = drawn(trace_of(documents=[begun]))["rows"]
    assert (row[7], row[8] & OPEN) == (-1, OPEN)


def test_keys_stay_when_more_rows_arrive() -> None:
    """Keys stay the same when more rows arrive, because users share addresses with them."""
    first = made.span("GET /", 0, 10)
    other = made.span("before", 0, 1)
    keys = [drawn(trace_of(spans))["rows"][0][0] for spans in ([first], [first, other])]
    assert keys == [f"span.{first['span_id']}"] * 2
    twice = [row[0] for row in drawn(trace_of([first, first]))["rows"]]
    assert len(set(twice)) == 2
