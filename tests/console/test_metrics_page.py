"""The Metrics pages show what was recorded, over time, by an attribute, and example requests."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import requests

from console_senders import new_trace_id, post_metrics, post_spans, span, wait_for_trace
from console_server import ConsoleServer
from queries.buckets import Buckets
from queries.increments import quantile
from queries.metrics import figures_of, last_of, parts
from queries.points import by_instrument, points_of
from store import Store
from store.metric_reader import Instrument, Point, Series
from waiting import wait_until

SECOND = 10**9
MINUTE = 60 * SECOND
START = 1_700_000_040 * SECOND
TEN_MINUTES = Buckets(START, START + 10 * MINUTE, MINUTE)


def instrument(kind: str = "counter", temporality: str = "cumulative") -> Instrument:
    return Instrument(1, "shop", "x", "orders", "1", kind, temporality, "", 1, 0)


def points(*values: float, start: int = START, temporality: str = "cumulative", **body: Any) -> list[Point]:
    """Return a point per minute."""
    times = [start + (at + 1) * MINUTE for at in range(len(values))]
    starts = [start] * len(values) if temporality == "cumulative" else [time - MINUTE for time in times]
    return [Point(*of, value, None, body) for of, value in zip(zip(starts, times, strict=True), values, strict=True)]


def figure_of(name: str, of: Instrument, series: list[list[Point]], buckets: Buckets) -> list[Any]:
    return figures_of([name], of, points_of(series), buckets)[name]


def histogram(*counts: Sequence[int]) -> list[Point]:
    """Return a point per minute, with counts up to 10, up to 100, and above."""
    body = {"bounds": [10, 100]}
    return [
        Point(START, START + (at + 1) * MINUTE, 50.0 * sum(one), sum(one), body | {"counts": list(one)})
        for at, one in enumerate(counts)
    ]


def point_record(name: str, attributes: dict[str, Any], time_ns: int, value: float) -> dict[str, Any]:
    """Return a counter's point, as the receiver makes it."""
    of = {"service": "shop", "instance": "one", "scope": "x", "name": name, "description": "", "unit": "1"}
    of |= {"kind": "counter", "temporality": "cumulative", "exemplars": []}
    return of | {"attributes": attributes, "start_ns": START, "time_ns": time_ns, "value": value}


def test_a_counters_rate_is_what_it_grew_by() -> None:
    rates = figure_of("rate", instrument(), [points(60, 180, 180)], TEN_MINUTES)
    assert rates == [1, 2, 0, *[None] * 7]


def test_each_delta_is_what_was_recorded() -> None:
    series = points(60, 120, temporality="delta")
    assert figure_of("rate", instrument(temporality="delta"), [series], TEN_MINUTES)[:2] == [1, 2]
    assert last_of(instrument(temporality="delta"), points_of([series])) == 180


def test_a_restarted_program_loses_nothing() -> None:
    """A restarted program's counter begins at 0, with another start, or below its last value."""
    again = points(60, start=START + 2 * MINUTE)
    assert figure_of("rate", instrument(), [points(60, 180) + again], TEN_MINUTES)[:3] == [1, 2, 1]
    unnamed = [Point(0, point.time_ns, point.value, None, {}) for point in points(60, 180) + again]
    assert figure_of("rate", instrument(), [unnamed], TEN_MINUTES)[1:3] == [2, 1]


def test_points_between_two_parts_of_the_time_are_shared_out() -> None:
    late = [Point(START, point.time_ns + MINUTE // 2, point.value, None, {}) for point in points(90, 150)]
    rates = figure_of("rate", instrument(), [late], TEN_MINUTES)
    assert rates[:3] == [1, 1, 1]


def test_rates_of_several_series_are_summed_and_the_part_that_has_just_begun_is_no_drop() -> None:
    assert figure_of("rate", instrument(), [points(60, 120), points(120, 240)], TEN_MINUTES)[:2] == [3, 3]
    short = [Point(START, START + MINUTE + 6 * SECOND, 66, None, {})]
    assert figure_of("rate", instrument(), [short], TEN_MINUTES)[:2] == [1, 1]


def test_a_gauges_value_is_the_last_and_of_several_series_the_mean() -> None:
    assert figure_of("value", instrument("gauge", ""), [points(5, -7), points(7)], TEN_MINUTES)[:3] == [6, -7, None]
    assert figure_of("value", instrument("up-down counter"), [points(5, 6), points(7)], TEN_MINUTES)[:2] == [12, 6]


def test_a_histograms_percentiles_are_those_of_each_part_of_the_time() -> None:
    series = histogram([10, 0, 0], [10, 10, 0], [10, 10, 10])
    assert figure_of("p50", instrument("histogram"), [series], TEN_MINUTES)[:4] == [5, 55, 100, None]
    assert figure_of("rate", instrument("histogram"), [series], TEN_MINUTES)[0] == pytest.approx(10 / 60)
    assert figure_of("mean", instrument("histogram"), [series], TEN_MINUTES)[:2] == [50, 50]


@pytest.mark.parametrize(
    ("counts", "of", "value"),
    [
        ({}, 0.5, None),
        ({10.0: 0, float("inf"): 0}, 0.5, None),
        ({10.0: 4}, 0.5, 5),
        ({-8.0: 0, -4.0: 2, 4.0: 0}, 0.5, -6),
        ({10.0: 1, float("inf"): 9}, 0.95, 10),
    ],
    ids=str,
)
def test_quantiles(counts: dict[float, float], of: float, value: float | None) -> None:
    assert quantile(counts, of) == value


def test_an_exponential_histogram_that_changes_its_buckets_has_no_percentile_for_that_time() -> None:
    before, after = histogram([10, 0, 0], [10, 10, 0])
    changed = Point(after.start_ns, after.time_ns, after.value, after.count, {"bounds": [1, 2], "counts": [0, 0, 20]})
    series = [before, changed]
    assert figure_of("p50", instrument("exponential histogram"), [series], TEN_MINUTES)[:2] == [5, None]


def test_parts_are_by_the_values_of_an_attribute() -> None:
    series = [
        Series("", {"plan": plan} if plan else {}, points(value)) for plan, value in [("a", 1), ("b", 9), ("", 2)]
    ]
    found = parts(instrument(), series, "plan")
    assert [(part.value, part.last) for part in found] == [("b", 9), (None, 2), ("a", 1)]
    assert [part.last for part in parts(instrument(), series, "")] == [12]


def test_the_list_has_the_figures_of_all_points(tmp_path: Path) -> None:
    """The list has the figures of all points, from several series of two instruments, in order of arrival."""
    store = Store(tmp_path)
    for minute in range(1, 4):
        for name, plan, each in [("orders", "free", 60), ("refunds", "free", 6), ("orders", "paid", 120)]:
            store.add("metrics", [point_record(name, {"plan": plan}, START + minute * MINUTE, each * minute)])
    assert store.flush()
    found = {one.number: one for one in store.instruments()}
    rows = store.all_points(START, START + 9 * MINUTE, "shop")
    rates = {
        found[number].name: figures_of(["rate"], found[number], points, TEN_MINUTES)["rate"][:4]
        for number, points in by_instrument(rows, store.instruments_of_series())
    }
    others = list(store.all_points(START, START + 9 * MINUTE, "other"))
    store.close()
    assert rates == {"orders": [3, 3, 3, None], "refunds": [0.1, 0.1, 0.1, None]}
    assert others == []


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("temporality", ["cumulative", "delta"])
def test_the_largest_numbers(temporality: str) -> None:
    """Their sums and differences may be more than a float holds, which is no line in the console's log."""
    series = [points(-1.7e308, 1.7e308, 1.7e308, temporality=temporality)] * 2
    of = instrument(temporality=temporality)
    assert last_of(of, points_of(series)) == float("inf")
    assert figure_of("rate", of, series, TEN_MINUTES)[3] is None


def test_a_series_that_ended_is_no_part_of_the_value() -> None:
    assert last_of(instrument("gauge", ""), points_of([points(5), points(7, start=START + 9 * MINUTE)])) == 7


def page(console: ConsoleServer, path: str, has: str) -> str:
    """Return the page when it contains this text. Records are written a moment after their arrival."""
    found = ""

    def is_there() -> bool:
        nonlocal found
        found = requests.get(console.url + path, timeout=10).text
        return has in found

    wait_until(is_there, why=f"{has!r} on {path}")
    return found


def test_the_list_leads_to_an_instrument_and_this_to_its_requests(console: ConsoleServer) -> None:
    trace_id, now = new_trace_id(), TEN_MINUTES.end_ns
    post_spans(console, span(trace_id))
    wait_for_trace(console, trace_id, spans=1)
    exemplar = {"timeUnixNano": str(now), "asDouble": 7.5, "traceId": trace_id, "spanId": "a" * 16}
    attributes = [{"key": "http.route", "value": {"stringValue": "/<b>"}}]
    point = {
        "timeUnixNano": str(now),
        "startTimeUnixNano": str(START),
        "attributes": attributes,
        "count": "4",
        "sum": 30,
        "explicitBounds": [5, 10],
        "bucketCounts": ["0", "4", "0"],
        "exemplars": [exemplar, exemplar | {"traceId": "b" * 32}],
    }
    took = {"name": "took", "unit": "ms", "description": "How long", "histogram": {"dataPoints": [point]}}
    took["histogram"] |= {"aggregationTemporality": 2}
    free = {"name": "free", "unit": "By", "gauge": {"dataPoints": [{"timeUnixNano": str(now), "asInt": "12345678"}]}}
    service = f"shop-{trace_id[-8:]}"
    response = post_metrics(console, took, free, service=service)
    assert (response.status_code, response.json()) == (200, {})
    within = "from=2023-11-14T22:00Z&to=2023-11-14T23:00Z"

    listed = page(console, f"/metrics?{within}&service={service}", "12,345,678")
    for text in (service, "How long", "7.5 ", "histogram", "gauge", 'class="sparkline"'):
        assert text in listed
    [path] = [
        part.partition('"')[0] for part in listed.split('href="')[1:] if part.partition(">")[2].startswith("took<")
    ]
    one = page(console, path.replace("&amp;", "&") + "&split=http.route", "By http.route")
    assert f"/requests/{trace_id}?row=span." in one
    assert f"/requests/{'b' * 32}" not in one
    assert "/&lt;b&gt;" in one
    assert "<polyline" in one or 'class="line' in one


@pytest.mark.parametrize("path", ["/metrics/999999", "/metrics/99999999999999999999"])
def test_an_unknown_instrument(console: ConsoleServer, path: str) -> None:
    assert requests.get(console.url + path, timeout=10).status_code == 404


@pytest.mark.parametrize("query", ["?minutes=x", "?from=yesterday"])
def test_an_invalid_time_gets_a_message(console: ConsoleServer, query: str) -> None:
    response = requests.get(f"{console.url}/metrics{query}", timeout=10)
    assert response.status_code == 400
    assert "use one such as" in response.text
