"""The figures of a query, from columns of events: groups, and for each its figures, over all the time and by buckets.

numpy computes them (docs/decisions/0019): percentiles are its own, with its linear interpolation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.query import Query, Shown

Figure = float | None
Array = NDArray[Any]

MOST_GROUPS = 1000  # Whose figures are computed: those with the most events.
MOST_BUCKETS = 61
SERIES = 8  # Groups that are shown over time.
LEVELS = 20  # Of a heatmap, from its lowest value to its highest.
# Lengths of a bucket: seconds that clocks and people know.
STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400]
PERCENTILES = {"p50": 50, "p95": 95, "p99": 99}
REDUCED: dict[str, Callable[[Array], Any]] = {"avg": np.mean, "max": np.max, "min": np.min, "sum": np.sum}


@dataclass(frozen=True)
class Buckets:
    """A range of time, cut in parts of one length: since 1970."""

    start_ns: int
    end_ns: int
    step_ns: int

    @property
    def times(self) -> list[int]:
        return list(range(self.start_ns // self.step_ns * self.step_ns, max(self.end_ns, 1), self.step_ns))

    def seconds_at(self, bucket: int) -> float:
        """Return how much of a bucket is in the range, which may cut the first and the last."""
        start_ns = (self.start_ns // self.step_ns + bucket) * self.step_ns
        return max(min(start_ns + self.step_ns, self.end_ns) - max(start_ns, self.start_ns), 1) / 1e9

    @property
    def seconds(self) -> float:
        return max(self.end_ns - self.start_ns, 1) / 1e9


@dataclass(frozen=True)
class Group:
    """key: a value for each attribute of `by`, None where the events have none. series: by bucket."""

    key: tuple[Any, ...]
    count: int
    figures: dict[str, Figure]
    series: dict[str, list[Figure]] = field(default_factory=dict)


@dataclass(frozen=True)
class Heatmap:
    """counts[level][bucket]; edges: LEVELS + 1 values, the lowest first."""

    edges: list[float]
    counts: list[list[int]]


@dataclass(frozen=True)
class Result:
    """groups: sorted as the query says. total: of all events, whatever group. left_out: groups beyond MOST_GROUPS."""

    buckets: Buckets
    total: Group
    groups: list[Group]
    left_out: int
    heatmaps: dict[str, Heatmap]


def figures(query: Query, columns: Sequence[Sequence[Any]], start_ns: int | None, end_ns: int | None) -> Result:
    """Return the result. columns: of the store, for the names of `needed(query)`. None: as far as there are events."""
    names, numbers = needed(query)
    times = np.array(columns[0], dtype=np.int64)
    errors = np.array(columns[1], dtype=bool)
    of_names = dict(zip(names, columns[2:], strict=False))
    of_numbers = dict(zip(numbers, (np.array(column, float) for column in columns[2 + len(names) :]), strict=True))
    buckets = buckets_of(times, start_ns, end_ns)
    events = _Events(buckets, times, errors, of_names, of_numbers)
    codes, keys = _grouped([of_names[name] for name in query.by], len(times))
    total = events.group((), np.arange(len(times)), query.shown, with_series=True)
    groups = []
    if query.by and keys:
        order = np.argsort(codes, kind="stable")
        parts = np.split(order, np.searchsorted(codes[order], np.arange(1, len(keys))))
        largest = sorted(range(len(keys)), key=lambda at: -len(parts[at]))[:MOST_GROUPS]
        groups = [events.group(keys[at], parts[at], query.shown) for at in largest]
        groups.sort(key=lambda group: -_rank(group.figures[str(query.order)]))
        of_key = dict(zip(keys, parts, strict=True))
        drawn = groups[:SERIES]
        groups[:SERIES] = [events.group(one.key, of_key[one.key], query.shown, with_series=True) for one in drawn]
    heatmaps = {
        str(one): _heatmap(events, of_numbers[one.attribute]) for one in query.shown if one.function == "heatmap"
    }
    return Result(buckets, total, groups, max(len(keys) - MOST_GROUPS, 0) if query.by else 0, heatmaps)


def needed(query: Query) -> tuple[list[str], list[str]]:
    """Return the names of the attributes that a query needs as they are, and of those that it needs as numbers."""
    names = [*query.by, *(one.attribute for one in query.shown if one.function == "distinct")]
    numbers = [one.attribute for one in query.shown if one.attribute and one.function != "distinct"]
    return list(dict.fromkeys(names)), list(dict.fromkeys(numbers))


def buckets_of(times: Array, start_ns: int | None, end_ns: int | None) -> Buckets:
    """Return the range in at most MOST_BUCKETS parts. None: from the first event, to the last."""
    start = start_ns if start_ns is not None else int(times.min()) if len(times) else 0
    end = max(end_ns if end_ns is not None else int(times.max()) + 1 if len(times) else 1, start + 1)
    step = next((step for step in STEPS if (end - start) / 1e9 / step <= MOST_BUCKETS - 1), None)
    step_ns = (step or -(-(end - start) // 10**9 // (MOST_BUCKETS - 1))) * 10**9
    # Without a given range, whole buckets: the rate of a single event would otherwise be that of its one nanosecond.
    if start_ns is None:
        start = start // step_ns * step_ns
    if end_ns is None:
        end = -(-end // step_ns) * step_ns
    return Buckets(start, end, step_ns)


class _Events:
    def __init__(
        self,
        buckets: Buckets,
        times: Array,
        errors: Array,
        names: dict[str, Sequence[Any]],
        numbers: dict[str, Array],
    ) -> None:
        self.buckets = buckets
        self.first = buckets.start_ns // buckets.step_ns
        self.length = len(buckets.times)
        self.bucket = np.clip(times // buckets.step_ns - self.first, 0, self.length - 1)
        self.errors, self.names, self.numbers = errors, names, numbers

    def group(self, key: tuple[Any, ...], part: Array, shown: Sequence[Shown], with_series: bool = False) -> Group:
        """part: the positions of the group's events."""
        drawn = [one for one in shown if one.function != "heatmap"]
        figures = {str(one): self._figure(one, part, self.buckets.seconds) for one in drawn}
        figures |= {str(one): float(len(part)) for one in shown if one.function == "heatmap"}
        return Group(key, len(part), figures, self._series(part, drawn) if with_series else {})

    def _series(self, part: Array, shown: Sequence[Shown]) -> dict[str, list[Figure]]:
        order = part[np.argsort(self.bucket[part], kind="stable")]
        parts = np.split(order, np.searchsorted(self.bucket[order], np.arange(1, self.length)))
        seconds = [self.buckets.seconds_at(at) for at in range(self.length)]
        return {
            str(one): [self._figure(one, of, of_it) for of, of_it in zip(parts, seconds, strict=True)] for one in shown
        }

    def _figure(self, shown: Shown, part: Array, seconds: float) -> Figure:
        match shown.function:
            case "count":
                return len(part)
            case "rate":
                return len(part) / seconds
            case "errors":
                return int(self.errors[part].sum())
            case "error_rate":
                return float(self.errors[part].mean() * 100) if len(part) else None
            case "distinct":
                values = self.names[shown.attribute]
                return len({values[at] for at in part} - {None})
        numbers = self.numbers[shown.attribute][part]
        numbers = numbers[~np.isnan(numbers)]
        if not len(numbers):
            return None
        if shown.function in PERCENTILES:
            return float(np.percentile(numbers, PERCENTILES[shown.function]))
        with np.errstate(over="ignore"):
            figure = float(REDUCED[shown.function](numbers))
        return figure if np.isfinite(figure) else None  # A sum may be more than a float holds.


def _grouped(columns: Sequence[Sequence[Any]], count: int) -> tuple[Array, list[tuple[Any, ...]]]:
    """Return for each event the number of its group, and the groups' keys."""
    numbers: dict[tuple[Any, ...], int] = {}
    if not columns:
        return np.zeros(count, dtype=np.int64), [()]
    codes = np.fromiter((numbers.setdefault(key, len(numbers)) for key in zip(*columns, strict=True)), np.int64, count)
    return codes, list(numbers)


def _rank(figure: Figure) -> float:
    return float("-inf") if figure is None else figure


def _heatmap(events: _Events, numbers: Array) -> Heatmap:
    is_number = ~np.isnan(numbers)
    values, bucket = numbers[is_number], events.bucket[is_number]
    if not len(values):
        return Heatmap([], [])
    low, high = float(values.min()), float(values.max())
    if high <= low:
        high = low + (abs(low) or 1)
    # Lengths of time spread over powers of ten; other numbers mostly don't.
    if low > 0 and high > 10 * low:
        edges = np.geomspace(low, high, LEVELS + 1)
    else:
        # Each end by its own share: their difference may be more than a float holds.
        parts = np.linspace(0, 1, LEVELS + 1)
        edges = low * (1 - parts) + high * parts
    edges = np.maximum.accumulate(edges)
    edges[0], edges[-1] = low, high
    counts, _, _ = np.histogram2d(values, bucket, bins=[edges, np.arange(events.length + 1)])
    return Heatmap(edges.tolist(), counts.astype(int).tolist())
