"""What the Metrics pages read from the store."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from facts import MAX_NS
from store.reader import Reader
from traces import Record


@dataclass(frozen=True)
class Instrument:
    """number: the store's own, for a page's address. newest_ns: of its newest point. series: how many it has."""

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
    """value: a number's, or of the other kinds the sum. count: None for a number.

    body: bounds, counts, quantiles and exemplars, as point_records() has them; empty where they weren't read.
    """

    start_ns: int
    time_ns: int
    value: float
    count: int | None
    body: Record


@dataclass(frozen=True)
class Series:
    """An instrument's points with these attributes, in one process (service.instance.id); the oldest first."""

    instance: str
    attributes: Record
    points: list[Point]


# Of the points that a chart shows in one place, the newest says all: it sums up those before, or takes their place.
# Not so points of another start, and deltas.
PLACES = 120


def _points(names: str, body: str, where: str) -> str:
    return (
        f"SELECT {names}, start_ns, time_ns, value, count, {body}, max(points.number) FROM points"
        " JOIN series ON series.number = series JOIN instruments ON instruments.number = instrument"
        f" WHERE {where} time_ns BETWEEN :start AND :end"
        " GROUP BY series, start_ns, CASE WHEN temporality = 'delta' THEN points.number ELSE time_ns / :step END"
        " ORDER BY series, time_ns, points.number"
    )


def _within(start_ns: int, end_ns: int) -> dict[str, int]:
    return {"start": start_ns, "end": end_ns, "step": max((end_ns - start_ns) // PLACES, 1)}


class MetricReader(Reader):
    """Safe from many threads."""

    def instruments(self, service: str | None = None) -> list[Instrument]:
        """Return the instruments, of one service or of all, by service and name."""
        return list(self._instruments(":value IS NULL OR service = :value", service))

    def instrument(self, number: int) -> Instrument | None:
        return next(self._instruments("instruments.number = :value", number), None)

    def series(self, instrument: int, start_ns: int = 0, end_ns: int = MAX_NS) -> list[Series]:
        """Return an instrument's series that have points in this time, with as many of these as a chart shows."""
        query = _points("series.number, instance, attributes", "body", "instrument = :instrument AND")
        found: dict[int, Series] = {}
        with self._reader() as reader:
            rows = reader.execute(query, {"instrument": instrument, **_within(start_ns, end_ns)})
            for number, instance, attributes, start, time, value, count, body, _ in rows:
                if number not in found:
                    found[number] = Series(instance, json.loads(attributes), [])
                found[number].points.append(Point(start, time, value, count, json.loads(body)))
        return list(found.values())

    def all_points(self, start_ns: int, end_ns: int) -> dict[int, list[list[Point]]]:
        """Return the same without bodies: the points of each series of each instrument, by its number."""
        query = _points("instrument, series", "NULL", "")
        found: defaultdict[int, dict[int, list[Point]]] = defaultdict(dict)
        with self._reader() as reader:
            for instrument, series, start, time, value, count, *_ in reader.execute(query, _within(start_ns, end_ns)):
                found[instrument].setdefault(series, []).append(Point(start, time, value, count, {}))
        return {instrument: list(series.values()) for instrument, series in found.items()}

    def time_of_points(self) -> tuple[int, int]:
        """Return the times of the oldest and the newest point; two zeros where there is none."""
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
