"""Each figure of a query equals numpy's, which is computed from the records and not from the store."""

import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from console_requests import requests
from growth import MOST, growth
from queries.apart import set_apart
from queries.buckets import Buckets
from queries.charts import lines
from queries.figures import Result, figures, needed
from queries.query import parse_query
from query_run import Range, run
from store import Store
from store.filters import Filters
from store.selection import Selection
from traces import Record

COUNT = 600
END_NS = time.time_ns() // 10**9 * 10**9
START_NS = END_NS - 600 * 10**9


class Kept:
    """A store with all records, and the records."""

    def __init__(self, folder: Path) -> None:
        self.records: dict[str, list[Record]] = defaultdict(list)
        for request in requests(COUNT, START_NS, END_NS):
            for vendor, records in request.items():
                self.records[vendor] += records
        self.store = Store(folder)
        for vendor, records in self.records.items():
            self.store.add(vendor, records)
        assert self.store.flush(30)
        self.servers = [span for span in self.records["honeycomb"] if span["kind"] == "SERVER"]

    def run(self, filters: Filters = Filters(), **given: str) -> Result:  # noqa: B008 - it is immutable
        query = parse_query(given)
        return run(self.store, query, Selection(query.of, query.where, filters), Range(START_NS, END_NS))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    made = Kept(tmp_path_factory.mktemp("store"))
    yield made
    made.store.close()


def milliseconds(spans: list[Record]) -> Any:
    return np.array([(span["end_ns"] - span["start_ns"]) / 1e6 for span in spans])


def test_latency_by_user(kept: Kept) -> None:
    """Percentiles are computed by group, the slowest first."""
    result = kept.run(
        where="trace.parent_id!?",
        by="user.id",
        show="count,p50(duration_ms),p95,p99,avg,max,min,sum",
        order="p95(duration_ms)",
    )
    by_user: dict[str, list[Record]] = defaultdict(list)
    for span in kept.servers:
        by_user[span["attributes"]["user.id"]].append(span)
    assert {group.key[0]: group.count for group in result.groups} == {user: len(of) for user, of in by_user.items()}
    for group in result.groups:
        lengths = milliseconds(by_user[group.key[0]])
        expected = [*np.percentile(lengths, [50, 95, 99]), lengths.mean(), lengths.max(), lengths.min(), lengths.sum()]
        names = ["p50", "p95", "p99", "avg", "max", "min", "sum"]
        assert [group.figures[f"{name}(duration_ms)"] for name in names] == pytest.approx(expected)
    slowest_first = [group.figures["p95(duration_ms)"] for group in result.groups]
    assert slowest_first == sorted(slowest_first, key=lambda figure: -(figure or 0))


def test_rate_and_errors(kept: Kept) -> None:
    """Rates and errors are computed over the whole range, and for each status."""
    result = kept.run(of="requests", by="status", show="count,rate,errors,error_rate")
    statuses = Counter(span["attributes"]["http.response.status_code"] for span in kept.servers)
    assert {group.key[0]: group.count for group in result.groups} == statuses
    assert result.total.figures["rate"] == pytest.approx(COUNT / 600)
    assert result.total.figures["errors"] == statuses[500]
    assert result.total.figures["error_rate"] == pytest.approx(100 * statuses[500] / COUNT)


def test_over_time(kept: Kept) -> None:
    """Each bucket has the figures of the events that began in it."""
    result = kept.run(where="kind=SERVER", show="count,p95(duration_ms),rate")
    times = result.buckets.times
    starts = np.array([span["start_ns"] for span in kept.servers])
    counts, _ = np.histogram(starts, bins=[*times, times[-1] + result.buckets.step_ns])
    assert result.total.series["count"] == counts.tolist()
    edges = np.clip([*times, times[-1] + result.buckets.step_ns], START_NS, END_NS)
    assert result.total.series["rate"] == pytest.approx(counts / (np.diff(edges) / 1e9))
    for at, p95 in zip(times, result.total.series["p95(duration_ms)"], strict=True):
        in_bucket = (starts >= at) & (starts < at + result.buckets.step_ns)
        expected = np.percentile(milliseconds(kept.servers)[in_bucket], 95) if in_bucket.any() else None
        assert p95 == (None if expected is None else pytest.approx(expected))


def test_counts_need_no_row_for_each_event(kept: Kept) -> None:
    """The store counts events of the same second, and the figures are the same."""
    query = parse_query({"of": "lines", "by": "level", "show": "count,rate,errors,error_rate,distinct(@log)"})
    selection, names = Selection("lines"), needed(query)[0]
    *columns, counts = kept.store.counts(selection, names)
    assert sum(counts) == 4 * COUNT
    assert len(counts) < COUNT * 4 / 2
    of_each = figures(query, kept.store.columns(selection, names), START_NS, END_NS)
    counted = figures(query, columns, START_NS, END_NS, counts)
    assert (counted.total, counted.total.series) == (of_each.total, of_each.total.series)
    groups = [{group.key: (group, group.series) for group in result.groups} for result in (counted, of_each)]
    assert groups[0] == groups[1]
    assert all(series for _, series in groups[0].values())


def test_heatmap(kept: Kept) -> None:
    result = kept.run(where="kind=SERVER", show="heatmap(duration_ms)")
    heatmap = result.heatmaps["heatmap(duration_ms)"]
    starts, lengths = [span["start_ns"] for span in kept.servers], milliseconds(kept.servers)
    times = result.buckets.times
    expected, _, _ = np.histogram2d(lengths, starts, bins=[heatmap.edges, [*times, times[-1] + result.buckets.step_ns]])
    assert heatmap.counts == expected.astype(int).tolist()
    assert (heatmap.edges[0], heatmap.edges[-1]) == (lengths.min(), lengths.max())


def test_segments_lines_and_items(kept: Kept) -> None:
    """Segments, lines and items have the names of each vendor's own queries."""
    results = kept.run(of="segments", where="annotation.result_length>=0", by="annotation.result_length", show="count")
    lengths = Counter(one["subsegments"][0]["annotations"]["result_length"] for one in kept.records["xray"])
    assert {group.key[0]: group.count for group in results.groups} == lengths

    levels = kept.run(of="lines", by="level", show="count")
    assert {group.key[0]: group.count for group in levels.groups} == Counter(
        line["fields"]["level"] for line in kept.records["cloudwatch"]
    )
    took = kept.run(of="lines", where="@message~request_served", show="max(ms)")
    expected = max(line["fields"].get("ms", 0) for line in kept.records["cloudwatch"])
    assert took.total.figures["max(ms)"] == pytest.approx(expected)

    kinds = kept.run(of="items", by="body.trace.exception.class", show="count,distinct(custom.trace_id)")
    classes = Counter(item["body"]["trace"]["exception"]["class"] for item in kept.records["rollbar"])
    assert {group.key[0]: group.figures["distinct(custom.trace_id)"] for group in kinds.groups} == classes


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ("user.id=user-7", lambda of: of["user.id"] == "user-7"),
        ("user.id!=user-7", lambda of: of["user.id"] != "user-7"),
        ("http.response.status_code=404", lambda of: of["http.response.status_code"] == 404),
        ("http.response.status_code>=404", lambda of: of["http.response.status_code"] >= 404),
        ("http.response.status_code<404", lambda of: of["http.response.status_code"] < 404),
        ("http.route~activities", lambda of: "activities" in of["http.route"]),
        ("http.route!~activities", lambda of: "activities" not in of["http.route"]),
        ("error=true", lambda of: of["http.response.status_code"] == 500),
        ("absent?", lambda _: False),
        ("absent!?", lambda _: True),
        ("user.id>5", lambda _: False),
    ],
)
def test_conditions(kept: Kept, where: str, holds: Any) -> None:
    result = kept.run(where=f"kind=SERVER {where}", show="count")
    assert result.total.count == sum(holds(span["attributes"]) for span in kept.servers)


def test_filters_of_the_request(kept: Kept) -> None:
    """The bar's filters apply to the request, and so to each of its events. The times apply to the events."""
    with_status = sum(span["attributes"]["http.response.status_code"] == 500 for span in kept.servers)
    assert kept.run(Filters(status="5xx"), of="lines", show="count").total.count == 4 * with_status
    middle = START_NS + (END_NS - START_NS) // 2
    later = sum(span["start_ns"] >= middle for span in kept.servers)
    assert kept.run(Filters(since_ns=middle), where="kind=SERVER").total.count == later
    assert kept.run(Filters(until_ns=middle), of="requests").total.count == COUNT - later


def test_points_of_metrics(tmp_path: Path) -> None:
    """Points are found by the instrument's name, and by the series' attributes."""
    store = Store(tmp_path)
    drawn = np.random.default_rng(7)
    values = drawn.lognormal(size=(2, 50))
    for route, of_route in zip(("/a", "/b"), values.tolist(), strict=True):
        points = [
            {
                "service": "shop",
                "scope": "",
                "name": "queue.length",
                "unit": "1",
                "kind": "gauge",
                "temporality": "",
                "description": "",
                "instance": "one",
                "attributes": {"http.route": route},
                "start_ns": 0,
                "time_ns": START_NS + at * 10**9,
                "value": value,
            }
            for at, value in enumerate(of_route)
        ]
        store.add("metrics", points)
    assert store.flush()
    query = parse_query({"of": "metrics", "where": "name=queue.length", "by": "http.route", "show": "p95(value),count"})
    result = figures(query, store.columns(Selection("metrics", query.where), *needed(query)), None, None)
    assert "http.route" in store.attribute_names("metrics")
    store.close()
    found = {group.key[0]: group.figures["p95(value)"] for group in result.groups}
    assert found == pytest.approx(dict(zip(("/a", "/b"), np.percentile(values, 95, axis=1).tolist(), strict=True)))


def test_runs(tmp_path: Path) -> None:
    """Processes that alternate are one run. One that begins after the others ended is the next run."""
    [request] = requests(1, START_NS, END_NS)
    span = request["honeycomb"][0]
    store = Store(tmp_path)
    for instance, second in [("a", 0), ("b", 1), ("a", 2), ("c", 5), ("d", 6), ("c", 7)]:
        at = START_NS + second * 10**9
        resource = span["resource"] | {"service.instance.id": instance}
        store.add("honeycomb", [span | {"start_ns": at, "end_ns": at + 10, "resource": resource}])
    assert store.flush()
    runs = [((run.first_ns - START_NS) // 10**9, (run.last_ns - START_NS) // 10**9) for run in store.runs()]
    store.close()
    assert runs == [(5, 7), (0, 2)]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"of": "tables"}, "can't be queried"),
        ({"show": "median"}, "can't be shown"),
        ({"show": "count(duration_ms)"}, "takes no attribute"),
        ({"show": "distinct"}, "needs an attribute"),
        ({"by": "a,b,c,d"}, "3 attributes at most"),
        ({"by": "a b"}, "is not an attribute's name"),
        ({"show": "p95(x'y)"}, "is not an attribute's name"),
        ({"where": "duration_ms>long"}, "compares with a number"),
        ({"where": "nothing"}, "no condition"),
        ({"order": "max"}, "isn't shown"),
    ],
)
def test_an_invalid_query(given: dict[str, str], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_query(given)


def test_an_empty_store(tmp_path: Path) -> None:
    """Without events, the result has no figures."""
    store = Store(tmp_path)
    query = parse_query({"by": "name", "show": "count,p95,heatmap,error_rate"})
    result = figures(query, store.columns(Selection("spans"), *needed(query)), None, None)
    store.close()
    assert (result.total.count, result.groups) == (0, [])
    assert result.total.figures["p95(duration_ms)"] is None


def test_attributes_that_few_events_have_are_no_difference() -> None:
    """A rare attribute can't differ by a tenth, and there may be hundreds of thousands of names."""

    def compare(number_of_events: int) -> None:
        events = [
            {f"name-{number}-{at}": 1 for at in range(100)} | {"kind": number % 2} for number in range(number_of_events)
        ]
        assert [one.name for one in set_apart(events[::2], events[1::2])] == ["kind"]

    assert growth(compare, 250) < MOST


@pytest.mark.parametrize("value", [1.7e308, 5e-324, -1.7e308])
def test_figures_of_the_largest_and_smallest_numbers(value: float) -> None:
    """A sum above a float's limit is none, and a chart's upper edge is finite for any number."""
    query = parse_query({"show": "sum(x),avg(x),heatmap(x)"})

    result = figures(query, [[1, 2, 3], [0, 0, 0], [value, value, -value]], 0, 10**10)

    lines("", "", result.buckets, [("x", "c0", [result.total.figures["sum(x)"], value])])
    assert all(figure is None or abs(figure) < float("inf") for figure in result.total.figures.values())


def test_negative_values_are_drawn_within_the_chart() -> None:
    chart = lines("", "", Buckets(0, 3 * 10**9, 10**9), [("x", "c0", [-5.0, 10.0, -3.0])])

    [points] = chart.series[0].lines
    assert all(0 <= float(point.split(",")[1]) <= 100 for point in points.split())
    assert chart.lowest <= -5


def test_the_rate_of_one_request_is_one_per_second() -> None:
    """Without a range of time, the rate uses whole buckets."""
    query = parse_query({"of": "requests", "show": "rate"})

    result = figures(query, [[1_795_898_530_541_000_000], [0]], None, None)

    assert result.total.figures["rate"] == 1


def test_a_bucket_that_the_range_cuts_has_the_rate_of_its_own_seconds() -> None:
    """Ten per second, from half a minute on: the first bucket and the last have 30 s each."""
    start_ns = 1_795_898_400 * 10**9 + 30 * 10**9
    end_ns = start_ns + 1800 * 10**9 + 10 * 10**9
    times = list(range(start_ns, end_ns, 10**8))
    query = parse_query({"show": "rate"})

    result = figures(query, [times, [0] * len(times)], start_ns, end_ns)

    assert result.total.series["rate"] == pytest.approx([10] * len(result.buckets.times))
