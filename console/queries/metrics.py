"""Compute an instrument's figures over time.

The figures are by bucket, in total or by the values of an attribute.
"""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from queries.buckets import Buckets
from queries.figures import Figure
from queries.increments import Increments, Shares, distributions, increments, quantile, shares
from queries.points import Points, points_of
from store.metric_reader import Instrument, Series

MOST_BUCKETS = 60
LIVE_NS = 5 * 60 * 10**9  # a series has ended if its newest point is this much older than the newest of all

# The figure of each kind in the list of instruments.
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
    """The series with one value of an attribute.

    last: see last_of()
    """

    value: Any
    series: int
    points: Points
    last: Figure


def buckets_of(start_ns: int, end_ns: int, interval_ns: int) -> Buckets:
    """Divide a range of time into buckets.

    No bucket is shorter than the interval of the points.
    """
    step_ns = max(-(-(end_ns - start_ns) // MOST_BUCKETS), interval_ns, 10**9)
    # In whole seconds from a multiple of the step on, so that a chart that is reloaded has the same buckets.
    step_ns = -(-step_ns // 10**9) * 10**9
    return Buckets(start_ns // step_ns * step_ns, end_ns + 1, step_ns)


def interval_of(points: Points) -> int:
    """Return the usual interval between the last two points of a series, in ns."""
    last = np.flatnonzero(points.is_last & ~points.is_first)
    gaps = np.sort(points.time_ns[last] - points.time_ns[last - 1])
    return int(gaps[len(gaps) // 2]) if len(gaps) else 0


def parts(instrument: Instrument, series: Sequence[Series], split: str) -> list[Part]:
    """Return the parts, the largest first.

    Without an attribute to split by, the only part has the value None.
    """
    by_value: defaultdict[str, list[Series]] = defaultdict(list)
    for one in series:
        by_value[json.dumps(one.attributes.get(split)) if split else "null"].append(one)
    found = []
    for value, of_value in by_value.items():
        points = points_of(one.points for one in of_value)
        found.append(Part(json.loads(value), len(of_value), points, last_of(instrument, points)))
    return sorted(found, key=lambda part: -abs(part.last or 0))


@np.errstate(over="ignore")  # a sum may be more than a float holds
def last_of(instrument: Instrument, points: Points) -> Figure:
    """Return an instrument's latest value.

    That is a counter's sum, a gauge's mean over its series, or the mean of recorded values. It uses the newest points
    of the series that have not ended. Deltas are summed over all points.
    """

    if not len(points):
        return None
    counted = np.ones(len(points), dtype=bool)
    if instrument.temporality != "delta":
        newest = points.is_last
        counted = newest & (points.time_ns >= points.time_ns[newest].max() - LIVE_NS)
    total = float(points.value[counted].sum())
    match instrument.kind:
        case "counter" | "up-down counter":
            return total
        case "gauge":
            return total / int(counted.sum())
    count = float(points.count[counted].sum())
    return total / count if count else None


def figures_of(
    names: Sequence[str], instrument: Instrument, points: Points, buckets: Buckets
) -> dict[str, list[Figure]]:
    """Return figures for each bucket; None for a bucket without points.

    names: of rate, value, mean, p50 and p95
    """
    if "value" in names:
        return {"value": _values(instrument.kind, points, buckets)}
    length = len(buckets.times)
    found = increments(points, instrument.temporality, is_number=instrument.kind == "counter")
    within = shares(found, buckets)
    values, counts = within.sums(found.value, length).tolist(), within.sums(found.count, length).tolist()
    recorded = values if instrument.kind == "counter" else counts
    figures: dict[str, list[Figure]] = {}
    for name in names:
        match name:
            case "p50" | "p95":
                by_bound = distributions(points, found, within, length)
                figures[name] = [quantile(of, int(name[1:]) / 100) for of in by_bound]
            case "mean":
                figures[name] = [value / count if count else None for value, count in zip(values, counts, strict=True)]
            case _:
                known_ns = _known_ns(points, found, within, length)
                figures[name] = [
                    value / (ns / 1e9) if ns else None for value, ns in zip(recorded, known_ns, strict=True)
                ]
    return figures


def _known_ns(points: Points, found: Increments, within: Shares, length: int) -> list[int]:
    """Return how much of each bucket is covered by points, in ns.

    That is the most that one series covers. The newest bucket may have just begun.
    """
    codes = np.cumsum(points.is_first) - 1
    places = codes[found.point[within.increment]] * length + within.bucket
    series = int(codes[-1]) + 1 if len(codes) else 1
    of_series = np.bincount(places, within.within_ns, series * length).reshape(series, length)
    most: list[int] = of_series.max(axis=0).astype(np.int64).tolist()
    return most


def _values(kind: str, points: Points, buckets: Buckets) -> list[Figure]:
    """Return the sum of the series' last values in each bucket.

    For a gauge, it is their mean.
    """
    length = len(buckets.times)
    bucket = np.maximum((points.time_ns - 1 - buckets.start_ns) // buckets.step_ns, 0)
    is_last = points.is_last | (np.append(bucket[1:], -1)[: len(bucket)] != bucket)
    of = is_last & (bucket < length)
    sums, counts = np.bincount(bucket[of], points.value[of], length), np.bincount(bucket[of], minlength=length)
    divisors = counts if kind == "gauge" else np.minimum(counts, 1)
    return [
        total / divisor if divisor else None for total, divisor in zip(sums.tolist(), divisors.tolist(), strict=True)
    ]
