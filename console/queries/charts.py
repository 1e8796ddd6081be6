"""Where a chart's marks stand, in percent of its width and height: the templates draw them as SVG."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10

from queries.figures import Buckets, Figure, Heatmap

TICKS = 6


@dataclass(frozen=True)
class Bar:
    """A part of a bucket's column. y: of its upper edge."""

    x: float
    y: float
    width: float
    height: float
    value: float
    at_ns: int


@dataclass(frozen=True)
class Series:
    """points: runs of neighbouring buckets that have a value, as SVG's polyline has them; dots stand alone."""

    name: str
    look: str
    values: Sequence[Figure]
    bars: tuple[Bar, ...] = ()
    lines: tuple[str, ...] = ()
    dots: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Chart:
    """ticks: places and times. highest: what the upper edge stands for."""

    title: str
    unit: str
    buckets: Buckets
    series: tuple[Series, ...]
    highest: float
    ticks: tuple[tuple[float, int], ...]
    levels: tuple[float, ...] = ()  # Of a heatmap, the lowest first.
    most: int = 0  # In one cell of a heatmap.


def bars(title: str, unit: str, buckets: Buckets, named: Iterable[tuple[str, str, Sequence[Figure]]]) -> Chart:
    """Return stacked columns. named: each series with what it looks like and its values by bucket."""
    given = list(named)
    count = len(buckets.times)
    sums = [sum(values[at] or 0 for _, _, values in given) for at in range(count)]
    highest, width = _rounded(max(sums, default=0)), 100 / count
    below = [0.0] * count
    series = []
    for name, look, values in given:
        made = []
        for at, value in enumerate(values):
            if not value:
                continue
            height = 100 * value / highest
            below[at] += height
            made.append(
                Bar(
                    _short(at * width),
                    _short(100 - below[at]),
                    _short(width * 0.9),
                    _short(height),
                    value,
                    buckets.times[at],
                )
            )
        series.append(Series(name, look, values, bars=tuple(made)))
    return Chart(title, unit, buckets, tuple(series), highest, _ticks(buckets))


def lines(title: str, unit: str, buckets: Buckets, named: Iterable[tuple[str, str, Sequence[Figure]]]) -> Chart:
    """Return lines, each with gaps where there is no value."""
    given = list(named)
    highest = _rounded(max((value or 0 for _, _, values in given for value in values), default=0))
    made = [_line(name, look, values, highest) for name, look, values in given]
    return Chart(title, unit, buckets, tuple(made), highest, _ticks(buckets))


def heat(title: str, unit: str, buckets: Buckets, heatmap: Heatmap) -> Chart:
    """Return a heatmap: a series for each level, from the highest to the lowest; `look` of a cell is its value's."""
    width = 100 / len(buckets.times)
    height = 100 / max(len(heatmap.counts), 1)
    most = max((count for row in heatmap.counts for count in row), default=0)
    series = []
    for level, row in enumerate(heatmap.counts):
        y = _short(100 - (level + 1) * height)
        cells = tuple(
            Bar(_short(at * width), y, _short(width), _short(height), count, buckets.times[at])
            for at, count in enumerate(row)
            if count
        )
        series.append(Series(str(level), "heat", row, bars=cells))
    highest = heatmap.edges[-1] if heatmap.edges else 0
    return Chart(title, unit, buckets, tuple(series), highest, _ticks(buckets), tuple(heatmap.edges), most)


def sparkline(values: Sequence[Figure]) -> Series:
    """Return a line of a few pixels' height."""
    return _line("", "", values, max((value or 0 for value in values), default=0) or 1)


def _line(name: str, look: str, values: Sequence[Figure], highest: float) -> Series:
    width = 100 / max(len(values), 1)
    runs: list[list[tuple[float, float]]] = [[]]
    for at, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((_short((at + 0.5) * width), _short(100 - 100 * value / highest)))
    drawn = tuple(" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1)
    return Series(name, look, values, lines=drawn, dots=tuple(run[0] for run in runs if len(run) == 1))


def _ticks(buckets: Buckets) -> tuple[tuple[float, int], ...]:
    """Return some places on the axis of time that lie between two buckets."""
    times = buckets.times
    every = max(-(-len(times) // TICKS), 1)
    return tuple(
        (_short(100 * at / len(times)), times[at]) for at in range(0, len(times), every) if at <= 0.88 * len(times)
    )


def _rounded(highest: float) -> float:
    """Return the next number that reads well: 1, 2, 2.5 or 5 times a power of ten."""
    if highest <= 0:
        return 1
    power = 10.0 ** floor(log10(highest))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= highest * (1 - 1e-9))


def _short(number: float) -> float:
    return round(number, 3)
