"""Place a chart's marks, in percent of its width and height.

The templates draw them as SVG.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, log10

from queries.buckets import Buckets
from queries.figures import Figure
from queries.heatmap import Heatmap

TICKS = 6
SMALLEST, LARGEST = 1e-300, 1e300  # beyond these, a float may not hold the next round number


@dataclass(frozen=True)
class Bar:
    """A part of a bucket's column.

    y: of its upper edge
    """

    x: float
    y: float
    width: float
    height: float
    value: float
    at_ns: int


@dataclass(frozen=True)
class Series:
    """A named series of values, with its marks.

    lines: runs of neighbouring buckets with values, as an SVG polyline's points

    dots: single buckets with a value
    """

    name: str
    look: str
    values: Sequence[Figure]
    bars: tuple[Bar, ...] = ()
    lines: tuple[str, ...] = ()
    dots: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Chart:
    """A chart's series and axes.

    ticks: places and times. highest: the value of the upper edge.
    """

    title: str
    unit: str
    buckets: Buckets
    series: tuple[Series, ...]
    highest: float
    ticks: tuple[tuple[float, int], ...]
    levels: tuple[float, ...] = ()  # of a heatmap, the lowest first
    most: int = 0  # events in one cell of a heatmap
    lowest: float = 0  # the value of the lower edge

    @property
    def zero(self) -> float:
        """Return the place of the zero line, in percent of the height from the top."""
        return 100 * (self.highest / 2) / (self.highest / 2 - self.lowest / 2)


def bars(title: str, unit: str, buckets: Buckets, named: Iterable[tuple[str, str, Sequence[Figure]]]) -> Chart:
    """Return a chart of stacked columns.

    named: each series' name, look and values by bucket
    """
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
    """Return lines, with gaps for missing values."""
    given = list(named)
    present = [value for _, _, values in given for value in values if value is not None]
    most, least = max([*present, 0]), min([*present, 0])
    highest = _rounded(most) if most > 0 or least == 0 else 0
    lowest = -_rounded(-least) if least < 0 else 0
    made = [_line(name, look, values, highest, lowest) for name, look, values in given]
    return Chart(title, unit, buckets, tuple(made), highest, _ticks(buckets), lowest=lowest)


def heat(title: str, unit: str, buckets: Buckets, heatmap: Heatmap) -> Chart:
    """Return a heatmap: a series for each level.

    A cell's look is that of its value.
    """
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
    """Return a line that is a few pixels high."""
    present = [value for value in values if value is not None]
    highest, lowest = max([*present, 0]), min([*present, 0])
    return _line("", "", values, highest or (1 if lowest == 0 else 0), lowest)


def _line(name: str, look: str, values: Sequence[Figure], highest: float, lowest: float) -> Series:
    width = 100 / max(len(values), 1)
    runs: list[list[tuple[float, float]]] = [[]]
    for at, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            # Halved, because the difference may be more than a float holds.
            above = (value / 2 - lowest / 2) / (highest / 2 - lowest / 2)
            runs[-1].append((_short((at + 0.5) * width), _short(100 - 100 * above)))
    drawn = tuple(" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1)
    return Series(name, look, values, lines=drawn, dots=tuple(run[0] for run in runs if len(run) == 1))


def _ticks(buckets: Buckets) -> tuple[tuple[float, int], ...]:
    """Return places on the time axis between buckets."""
    times = buckets.times
    every = max(-(-len(times) // TICKS), 1)
    return tuple(
        (_short(100 * at / len(times)), times[at]) for at in range(0, len(times), every) if at <= 0.88 * len(times)
    )


def _rounded(highest: float) -> float:
    """Return the next larger round number: 1, 2, 2.5 or 5 times a power of ten."""
    if highest <= 0:
        return 1
    if not SMALLEST < highest < LARGEST:
        return max(highest, SMALLEST)
    power = 10.0 ** floor(log10(highest))
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= highest * (1 - 1e-9))


def _short(number: float) -> float:
    return round(number, 3)
