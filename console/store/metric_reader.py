"""What the Metrics pages ask of the store."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Series:
    """One instrument's points with these attributes, in one process; the oldest point first.

    points: (time_ns, what point_records() says of it).
    """

    instance: str
    attributes: Record
    points: list[tuple[int, Record]]


class MetricReader(Reader):
    """Safe from many threads."""

    def instruments(self) -> list[Instrument]:
        """Return all instruments, by service and name."""
        return list(self._instruments("1", ()))

    def instrument(self, number: int) -> Instrument | None:
        return next(self._instruments("instruments.number = ?", (number,)), None)

    def series(self, instrument: int, since_ns: int = 0) -> list[Series]:
        """Return an instrument's series that have points since then, with these points."""
        query = (
            "SELECT series.number, instance, attributes, time_ns, body"
            " FROM series JOIN points ON series = series.number"
            " WHERE instrument = ? AND time_ns >= ? ORDER BY series.number, time_ns, points.number"
        )
        found: dict[int, Series] = {}
        with self._reader() as reader:
            for number, instance, attributes, time_ns, body in reader.execute(query, (instrument, since_ns)):
                if number not in found:
                    found[number] = Series(instance, json.loads(attributes), [])
                found[number].points.append((time_ns, json.loads(body)))
        return list(found.values())

    def _instruments(self, where: str, values: tuple[Any, ...]) -> Iterator[Instrument]:
        query = (
            "SELECT instruments.number, service, scope, name, unit, kind, temporality, description, count(*),"
            " max((SELECT time_ns FROM points WHERE number = newest))"
            f" FROM instruments JOIN series ON instrument = instruments.number WHERE {where}"
            " GROUP BY instruments.number ORDER BY service, name, scope"
        )
        with self._reader() as reader:
            rows = reader.execute(query, values).fetchall()
        return (Instrument(*row) for row in rows)
