"""Compute the figures of a query from columns of events.

There are figures for each group, in total and by bucket. numpy computes them (docs/decisions/0019). Percentiles use its
linear interpolation.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from queries.buckets import Buckets, buckets_of
from queries.heatmap import Heatmap, heatmap_of
from queries.query import Query, Shown

Figure = float | None
Array = NDArray[Any]

MOST_GROUPS = 1000  # whose figures are computed: those with the most events
SERIES = 8  # groups with a series
PERCENTILES = {"p50": 50, "p95": 95, "p99": 99}
REDUCED: dict[str, Callable[[Array], Any]] = {"avg": np.mean, "max": np.max, "min": np.min, "sum": np.sum}


@dataclass(frozen=True)
class Group:
    """A group of events, and its figures.

    key: a value for each attribute of the query's `by`, or None
    """

    key: tuple[Any, ...]
    count: int
    figures: dict[str, Figure]
    over_time: Callable[[], dict[str, list[Figure]]] = field(default=dict, compare=False)

    @cached_property
    def series(self) -> dict[str, list[Figure]]:
        """Return the figures by bucket.

        They are computed when they are first read: many percentiles take longer than the query, and few groups are
        shown.
        """
        return self.over_time()


@dataclass(frozen=True)
class Result:
    """A query's result.

    total: of all events. groups: in the query's order. left_out: the number of groups beyond MOST_GROUPS.
    """

    buckets: Buckets
    total: Group
    groups: list[Group]
    left_out: int
    heatmaps: dict[str, Heatmap]


def figures(
    query: Query,
    columns: Sequence[Sequence[Any]],
    start_ns: int | None,
    end_ns: int | None,
    counts: Sequence[int] | None = None,
) -> Result:
    """Compute the query's result.

    start_ns, end_ns: None for the time of the first, or the last, event

    columns: from the store, for needed(query)

    counts: how many events each row stands for; one by default
    """
    names, numbers = needed(query)
    times = np.array(columns[0], dtype=np.int64)
    errors = np.array(columns[1], dtype=np.int64)
    events_of_row = np.array(counts, dtype=np.int64) if counts is not None else np.ones(len(times), dtype=np.int64)
    of_names = dict(zip(names, columns[2:], strict=False))
    of_numbers = dict(zip(numbers, (np.array(column, float) for column in columns[2 + len(names) :]), strict=True))
    buckets = buckets_of(times, start_ns, end_ns)
    events = _Events(buckets, times, errors, events_of_row, of_names, of_numbers)
    codes, keys = _grouped([of_names[name] for name in query.by], len(times))
    total = events.group((), np.arange(len(times)), query.shown, with_series=True)
    groups = []
    if query.by and keys:
        order = np.argsort(codes, kind="stable")
        parts = np.split(order, np.searchsorted(codes[order], np.arange(1, len(keys))))
        largest = sorted(range(len(keys)), key=lambda at: -events_of_row[parts[at]].sum())[:MOST_GROUPS]
        groups = [events.group(keys[at], parts[at], query.shown) for at in largest]
        groups.sort(key=lambda group: -_rank(group.figures[str(query.order)]))
        of_key = dict(zip(keys, parts, strict=True))
        drawn = groups[:SERIES]
        groups[:SERIES] = [events.group(one.key, of_key[one.key], query.shown, with_series=True) for one in drawn]
    maps = [one for one in query.shown if one.function == "heatmap"]
    heatmaps = {str(one): heatmap_of(of_numbers[one.attribute], events.bucket, events.length) for one in maps}
    return Result(buckets, total, groups, max(len(keys) - MOST_GROUPS, 0) if query.by else 0, heatmaps)


def needed(query: Query) -> tuple[list[str], list[str]]:
    """Return the names of the attributes that a query needs.

    First those that it needs unchanged, then those that it needs as numbers.
    """
    names = [*query.by, *(one.attribute for one in query.shown if one.function == "distinct")]
    numbers = [one.attribute for one in query.shown if one.attribute and one.function != "distinct"]
    return list(dict.fromkeys(names)), list(dict.fromkeys(numbers))


class _Events:
    def __init__(
        self,
        buckets: Buckets,
        times: Array,
        errors: Array,
        counts: Array,
        names: dict[str, Sequence[Any]],
        numbers: dict[str, Array],
    ) -> None:
        self.buckets = buckets
        self.first = buckets.start_ns // buckets.step_ns
        self.length = len(buckets.times)
        self.bucket = np.clip(times // buckets.step_ns - self.first, 0, self.length - 1)
        self.errors, self.counts, self.names, self.numbers = errors, counts, names, numbers

    def group(self, key: tuple[Any, ...], part: Array, shown: Sequence[Shown], with_series: bool = False) -> Group:
        """Return the figures of a group.

        part: the positions of the group's rows
        """
        drawn = [one for one in shown if one.function != "heatmap"]
        figures = {str(one): self._figure(one, part, self.buckets.seconds) for one in drawn}
        count = int(self.counts[part].sum())
        figures |= {str(one): float(count) for one in shown if one.function == "heatmap"}
        return Group(key, count, figures, (lambda: self._series(part, drawn)) if with_series else dict)

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
                return int(self.counts[part].sum())
            case "rate":
                return float(self.counts[part].sum() / seconds)
            case "errors":
                return int(self.errors[part].sum())
            case "error_rate":
                return float(self.errors[part].sum() / self.counts[part].sum() * 100) if len(part) else None
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
        return figure if np.isfinite(figure) else None  # a sum may be more than a float holds


def _grouped(columns: Sequence[Sequence[Any]], count: int) -> tuple[Array, list[tuple[Any, ...]]]:
    """Return the number of each event's group, and the groups' keys."""
    numbers: dict[tuple[Any, ...], int] = {}
    if not columns:
        return np.zeros(count, dtype=np.int64), [()]
    codes = np.fromiter((numbers.setdefault(key, len(numbers)) for key in zip(*columns, strict=True)), np.int64, count)
    return codes, list(numbers)


def _rank(figure: Figure) -> float:
    return float("-inf") if figure is None else figure
