"""Show OTLP's metrics: the instruments by service, and each over time.

An instrument's figures may be split by an attribute, and link to example requests.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from flask import abort, render_template

from pages.bar import given_filters
from pages.blueprint import Page, argument, bp, store
from pages.filters import BAR, InvalidFilter
from pages.navigation import in_navigation
from queries import metrics as queries
from queries.buckets import Buckets
from queries.charts import Chart, lines, sparkline
from queries.charts import Series as Line
from queries.figures import Figure
from queries.points import Points, by_instrument, points_of
from query_run import range_of
from store.metric_reader import Instrument, Series

MOST_INSTRUMENTS = 300  # on a page
MOST_PARTS = 8  # lines in a chart, one for each colour
MOST_SERIES = 100
MOST_EXEMPLARS = 20
HOUR_NS = 3_600 * 10**9
WORDS = {
    "rate": "a second",
    "value": "value",
    "mean": "mean",
    "p50": "p50",
    "p95": "p95",
}
# The title of last_of()'s figure, by kind.
LAST = {"counter": "total", "up-down counter": "last", "gauge": "last"}


@dataclass(frozen=True)
class Listed:
    instrument: Instrument
    last: Figure
    line: Line


@bp.get("/metrics")
@in_navigation("Metrics", place=70)
def metrics() -> Page:
    start_ns, end_ns = _range()
    service = given_filters().service
    rows, of_series = store().all_points(start_ns, end_ns, service), store().instruments_of_series()
    points = dict(by_instrument(rows, of_series))
    found = [one for one in store().instruments(service) if one.number in points]
    listed = [_listed(one, points[one.number], start_ns, end_ns) for one in found[:MOST_INSTRUMENTS]]
    by_service = groupby(listed, key=lambda one: one.instrument.service)
    return render_template(
        "metrics.html",
        services=[(service, list(of_service)) for service, of_service in by_service],
        more=len(found) - MOST_INSTRUMENTS,
        buckets=queries.buckets_of(start_ns, end_ns, 0),
        listed_figures=queries.LISTED,
        words=WORDS,
        last_words=LAST,
    )


@bp.get("/metrics/<int:number>")
def metric(number: int) -> Page:
    """Show one instrument. ?split= is an attribute."""
    instrument = store().instrument(number) if number < 2**63 else None
    if instrument is None:
        abort(404, "there is no such instrument, or it is no longer kept")
    start_ns, end_ns = _range()
    series = store().series(number, start_ns, end_ns)
    split = argument("split")
    buckets = queries.buckets_of(start_ns, end_ns, queries.interval_of(points_of(one.points for one in series)))
    parts = queries.parts(instrument, series, split)
    return render_template(
        "metric.html",
        instrument=instrument,
        split=split,
        attributes=sorted({name for one in series for name in one.attributes}),
        charts=list(_charts(instrument, parts[:MOST_PARTS], split, buckets)),
        parts=parts,
        most_parts=MOST_PARTS,
        series=series[:MOST_SERIES],
        more_series=len(series) - MOST_SERIES,
        last_of=lambda one: queries.last_of(instrument, points_of([one.points])),
        exemplars=_exemplars(series),
        last_word=LAST.get(instrument.kind, "mean"),
    )


def _range() -> tuple[int, int]:
    """Return the bar's range; without one, the last hour with stored points."""
    try:
        within = range_of(store(), {name: argument(name) for name in BAR}, given_filters())
    except ValueError as error:
        raise InvalidFilter(f"{error}.") from error
    oldest_ns, newest_ns = store().time_of_points()
    end_ns = within.end_ns if within.end_ns is not None else min(newest_ns, time.time_ns())
    start_ns = within.start_ns if within.start_ns is not None else max(oldest_ns, end_ns - HOUR_NS)
    return start_ns, max(end_ns, start_ns)


def _listed(instrument: Instrument, points: Points, start_ns: int, end_ns: int) -> Listed:
    buckets = queries.buckets_of(start_ns, end_ns, queries.interval_of(points))
    name = queries.LISTED.get(instrument.kind, "mean")
    figures = queries.figures_of([name], instrument, points, buckets)
    return Listed(instrument, queries.last_of(instrument, points), sparkline(figures[name]))


def _charts(instrument: Instrument, parts: Iterable[queries.Part], split: str, buckets: Buckets) -> Iterator[Chart]:
    """Yield a chart for each figure.

    Without a split, figures with the same unit share a chart.
    """
    shown = queries.SHOWN[instrument.kind]
    figures = [(part.value, queries.figures_of(shown, instrument, part.points, buckets)) for part in parts]
    if not split and len(shown) > 1 and figures:
        of_unit = [name for name in shown if name != "rate"]
        named = [(WORDS[name], f"c{at}", figures[0][1][name]) for at, name in enumerate(of_unit)]
        yield lines(instrument.name, instrument.unit, buckets, named)
        shown = ("rate",)
    for name in shown:
        named = [(title_of(value, split), f"c{at}", of[name]) for at, (value, of) in enumerate(figures)]
        unit = "recorded a second" if name == "rate" and instrument.kind != "counter" else WORDS[name]
        yield lines(instrument.name, f"{instrument.unit} {unit}" if name != "rate" else unit, buckets, named)


def title_of(value: Any, split: str) -> str:
    if value is None:
        return "(none)" if split else "all"
    return value if isinstance(value, str) else str(value)


def _exemplars(series: Iterable[Series]) -> list[tuple[Series, dict[str, Any], bool]]:
    """Return the newest measurements with a trace id.

    Each has its series, and whether its request is stored.
    """
    found = {
        (one["trace_id"], one["span_id"], one["time_ns"]): (of, one)
        for of in series
        for point in of.points
        for one in point.body.get("exemplars", [])
        if one["trace_id"]
    }
    newest = sorted(found.values(), key=lambda pair: -pair[1]["time_ns"])[:MOST_EXEMPLARS]
    kept = {summary.trace_id for summary in store().summaries({one["trace_id"] for _, one in newest})}
    return [(of, one, one["trace_id"] in kept) for of, one in newest]
