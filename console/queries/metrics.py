"""Metrics over time: an instrument's figures by bucket, all together or by the values of an attribute."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from queries.buckets import Buckets
from queries.figures import Figure
from queries.increments import Counts, increments, quantile, shares
from store.metric_reader import Instrument, Point, Series

MOST_BUCKETS = 60
LIVE_NS = 5 * 60 * 10**9  # A series whose newest point is so much older than the newest of all has ended.

# What is drawn of each kind, and what stands for it in the list.
LISTED = {"counter": "rate", "up-down counter": "value", "gauge": "value"}
SHOWN = {
    "counter": ("rate",),
    "up-down counter": ("value",),
    "gauge": ("value",),
    "histogram": ("p50", "p95", "rate"),
    "exponential histogram": ("p50", "p95", "rate"),
    "summary": ("mean", "rate"),
}


@dataclass(frozen=True)
class Part:
    """The series that have one value of an attribute. figures: by what is drawn, by bucket. last: see last_of()."""

    value: Any
    series: int
    last: Figure
    figures: dict[str, list[Figure]]


def buckets_of(start_ns: int, end_ns: int, interval_ns: int) -> Buckets:
    """Return the parts of a range of time; none is shorter than the interval at which points arrive."""
    step_ns = max(-(-(end_ns - start_ns) // MOST_BUCKETS), interval_ns, 10**9)
    # In whole seconds, from a whole step on, so that a chart that is looked at again has the same parts.
    step_ns = -(-step_ns // 10**9) * 10**9
    return Buckets(start_ns // step_ns * step_ns, end_ns + 1, step_ns)


def interval_of(series: Iterable[Sequence[Point]]) -> int:
    """Return how far apart an instrument's points mostly are, in ns."""
    gaps = sorted(points[-1].time_ns - points[-2].time_ns for points in series if len(points) > 1)
    return gaps[len(gaps) // 2] if gaps else 0


def parts(instrument: Instrument, series: Sequence[Series], split: str, buckets: Buckets) -> list[Part]:
    """Return the parts, the largest first; one with the value None where there is nothing to split by."""
    by_value: defaultdict[str, list[Series]] = defaultdict(list)
    for one in series:
        by_value[json.dumps(one.attributes.get(split)) if split else "null"].append(one)
    found = [
        Part(
            json.loads(value),
            len(of_value),
            last_of(instrument, [one.points for one in of_value]),
            figures_of(SHOWN[instrument.kind], instrument, [one.points for one in of_value], buckets),
        )
        for value, of_value in by_value.items()
    ]
    return sorted(found, key=lambda part: -abs(part.last or 0))


def last_of(instrument: Instrument, series: Sequence[Sequence[Point]]) -> Figure:
    """Return a counter's or an up-down counter's sum, a gauge's mean over its series, the mean of what the others have.

    Of the newest points of the series that have not ended; of deltas, all points are summed.
    """
    if instrument.temporality == "delta":
        counted = [point for points in series for point in points]
    else:
        newest_ns = max((points[-1].time_ns for points in series), default=0)
        counted = [points[-1] for points in series if points[-1].time_ns >= newest_ns - LIVE_NS]
    if not counted:
        return None
    total = sum(point.value for point in counted)
    match instrument.kind:
        case "counter" | "up-down counter":
            return total
        case "gauge":
            return total / len(counted)
    count = sum(point.count or 0 for point in counted)
    return total / count if count else None


def figures_of(
    names: Sequence[str], instrument: Instrument, series: Sequence[Sequence[Point]], buckets: Buckets
) -> dict[str, list[Figure]]:
    """Return the rate, value, mean, p50 or p95 in each bucket, by these names; None in one that no point speaks for."""
    if "value" in names:
        return {"value": _values(instrument.kind, series, buckets)}
    length = len(buckets.times)
    values, counts = [0.0] * length, [0.0] * length
    known_ns = [0] * length  # How much of each bucket points speak for: the newest may have just begun.
    distributions: list[Counts] = [{} for _ in range(length)]
    for points in series:
        of_series = [0] * length
        for increment in increments(points, instrument.temporality):
            for at, share, within_ns in shares(increment, buckets):
                of_series[at] += within_ns
                values[at] += increment.value * share
                counts[at] += increment.count * share
                for bound, count in increment.counts.items():
                    distributions[at][bound] = distributions[at].get(bound, 0) + count * share
        known_ns = [max(pair) for pair in zip(known_ns, of_series, strict=True)]
    recorded = values if instrument.kind == "counter" else counts
    figures: dict[str, list[Figure]] = {}
    for name in names:
        match name:
            case "p50" | "p95":
                figures[name] = [quantile(of, int(name[1:]) / 100) for of in distributions]
            case "mean":
                figures[name] = [value / count if count else None for value, count in zip(values, counts, strict=True)]
            case _:
                figures[name] = [
                    value / (ns / 1e9) if ns else None for value, ns in zip(recorded, known_ns, strict=True)
                ]
    return figures


def _values(kind: str, series: Sequence[Sequence[Point]], buckets: Buckets) -> list[Figure]:
    """Return the sum of the series' last values in each bucket; of a gauge, their mean."""
    found: list[list[float]] = [[] for _ in buckets.times]
    for points in series:
        of_series: dict[int, float] = {}
        for point in points:
            at = max((point.time_ns - 1 - buckets.start_ns) // buckets.step_ns, 0)
            if at < len(found):
                of_series[at] = point.value
        for at, value in of_series.items():
            found[at].append(value)
    return [sum(values) / (len(values) if kind == "gauge" else 1) if values else None for values in found]
