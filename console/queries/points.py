"""Keep points of metrics as numpy columns.

An instrument may have tens of thousands of points.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from store.metric_reader import Point
from traces import Record

Array = NDArray[Any]

_ROW = np.dtype([("series", "i8"), ("start_ns", "i8"), ("time_ns", "i8"), ("value", "f8"), ("count", "f8")])


@dataclass(frozen=True)
class Points:
    """Columns of points, series after series, the oldest first.

    series: any number for each series. count: 0 for a number. bodies: see Point; empty if not read.
    """

    series: Array
    start_ns: Array
    time_ns: Array
    value: Array
    count: Array
    bodies: Sequence[Record] = ()

    def __len__(self) -> int:
        return len(self.series)

    @property
    def is_first(self) -> Array:
        """Return whether each is the first of its series."""
        return _differs(self.series)

    @property
    def is_last(self) -> Array:
        return np.append(_differs(self.series)[1:], True)[: len(self)]

    def part(self, at: Array) -> "Points":
        """Return the points at these positions, without their bodies."""
        return Points(self.series[at], self.start_ns[at], self.time_ns[at], self.value[at], self.count[at])


def points_of(series: Iterable[Sequence[Point]]) -> Points:
    """Return the points of several series."""
    numbered = [(number, point) for number, points in enumerate(series) for point in points]
    rows = [(number, one.start_ns, one.time_ns, one.value, one.count or 0) for number, one in numbered]
    return _columns(rows, [point.body for _, point in numbered])


def by_instrument(rows: Iterable[tuple[float, ...]], instruments: Mapping[int, int]) -> Iterator[tuple[int, Points]]:
    """Yield each instrument with its points.

    rows: Points' columns, in any order. instruments: each series' instrument, both by number
    """
    points = _columns(rows)
    known, codes = np.unique(points.series, return_inverse=True)
    of_point = np.array([instruments.get(int(number), -1) for number in known], dtype=np.int64)[codes]
    order = np.lexsort((points.time_ns, points.series, of_point))
    starts = np.flatnonzero(_differs(of_point[order]))
    for part in np.split(order, starts[1:]) if len(order) else []:
        yield int(of_point[part[0]]), points.part(part)


def _columns(rows: Iterable[tuple[float, ...]], bodies: Sequence[Record] = ()) -> Points:
    table = np.fromiter(rows, dtype=_ROW)
    return Points(table["series"], table["start_ns"], table["time_ns"], table["value"], table["count"], bodies)


def _differs(numbers: Array) -> Array:
    """Return whether each differs from the one before it."""
    return np.insert(numbers[1:] != numbers[:-1], 0, True)[: len(numbers)]
