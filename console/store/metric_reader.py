"""Read metrics for the Metrics pages."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from facts import MAX_NS
from store.reader import Reader
from traces import Record


@dataclass(frozen=True)
class Instrument:
    """A metric's instrument.

    number: identifies it in addresses. newest_ns: of its newest point. series: their number.
    """

    number: int
    service: str
    scope: str
    name: str
    unit: str
    kind: str
    temporality: str
    description: str
    series: int
    newest_ns: int


@dataclass(frozen=True, slots=True)
class Point:
    """A point of a series.

    value: a number's value; for other kinds, the sum. count: None for a number.

    body: bounds, counts, quantiles and exemplars (see point_records()); empty if not read
    """

    start_ns: int
    time_ns: int
    value: float
    count: int | None
    body: Record


@dataclass(frozen=True)
class Series:
    """An instrument's points with one set of attributes in one process.

    instance: the process's service.instance.id. points: the oldest first.
    """

    instance: str
    attributes: Record
    points: list[Point]


# A chart shows one point per place. The newest replaces the others there, except points with another start, and deltas.
PLACES = 120


_POINTS = (
    "SELECT series.number, instance, attributes, start_ns, time_ns, value, count, body, max(points.number) FROM points"
    " JOIN series ON series.number = series JOIN instruments ON instruments.number = instrument"
    " WHERE instrument = :instrument AND time_ns BETWEEN :start AND :end"
    " GROUP BY series, start_ns, CASE WHEN temporality = 'delta' THEN points.number ELSE time_ns / :step END"
    " ORDER BY series, time_ns, points.number"
)


class MetricReader(Reader):
    """Reads metrics. Safe for concurrent use."""

    def instruments(self, service: str | None = None) -> list[Instrument]:
        """Return the instruments of one service, or of all, by service and name."""
        return list(self._instruments(":value IS NULL OR service = :value", service))

    def instrument(self, number: int) -> Instrument | None:
        return next(self._instruments("instruments.number = :value", number), None)

    def series(self, instrument: int, start_ns: int = 0, end_ns: int = MAX_NS) -> list[Series]:
        """Return an instrument's series with points in this time.

        The points are thinned to what a chart shows.
        """
        step = max((end_ns - start_ns) // PLACES, 1)
        given = {"instrument": instrument, "start": start_ns, "end": end_ns, "step": step}
        found: dict[int, Series] = {}
        with self._reader() as reader:
            rows = reader.execute(_POINTS, given).fetchall()
        # All in one call: a call for each takes twice as long.
        bodies = json.loads(f"[{','.join(row[7] for row in rows)}]")
        for (number, instance, attributes, start, time, value, count, *_), body in zip(rows, bodies, strict=True):
            if number not in found:
                found[number] = Series(instance, json.loads(attributes), [])
            found[number].points.append(Point(start, time, value, count, body))
        return list(found.values())

    def all_points(self, start_ns: int, end_ns: int, service: str | None) -> Iterator[tuple[int, int, int, float, int]]:
        """Yield the points of all instruments, or of one service's, in any order.

        A point has its series' number, start_ns, time_ns, value, and count, which is 0 for a number.
        """

        query = "SELECT series, start_ns, time_ns, value, ifnull(count, 0) FROM points"
        query += " WHERE time_ns BETWEEN :start AND :end"
        if service is not None:
            of_service = "SELECT number FROM instruments WHERE service = :service"
            query += f" AND series IN (SELECT number FROM series WHERE instrument IN ({of_service}))"
        with self._reader() as reader:
            yield from reader.execute(query, {"start": start_ns, "end": end_ns, "service": service})

    def instruments_of_series(self) -> dict[int, int]:
        """Return each series' instrument, both by number."""
        with self._reader() as reader:
            return dict(reader.execute("SELECT number, instrument FROM series").fetchall())

    def time_of_points(self) -> tuple[int, int]:
        """Return the times of the oldest and the newest point; (0, 0) without points."""
        with self._reader() as reader:
            row: tuple[int, int] = reader.execute(
                "SELECT ifnull(min(time_ns), 0), ifnull(max(time_ns), 0) FROM points"
            ).fetchone()
        return row

    def _instruments(self, where: str, value: Any) -> Iterator[Instrument]:
        query = (
            "SELECT instruments.number, service, scope, name, unit, kind, temporality, description, count(*),"
            " max((SELECT time_ns FROM points WHERE number = newest))"
            f" FROM instruments JOIN series ON instrument = instruments.number WHERE {where}"
            " GROUP BY instruments.number ORDER BY service, name, scope"
        )
        with self._reader() as reader:
            rows = reader.execute(query, {"value": value}).fetchall()
        return (Instrument(*row) for row in rows)
