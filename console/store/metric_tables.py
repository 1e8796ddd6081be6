"""Write metrics' data points, instruments and series, and delete the oldest."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from facts import MAX_NS
from traces import Record

MAX_INSTRUMENTS = 1_000
MAX_SERIES = 10_000
MAX_SERIES_OF_INSTRUMENT = 1_000
MAX_POINTS = 100_000
MAX_POINTS_OF_SERIES = 500  # eight hours at the SDKs' interval of a minute

_INSTRUMENT = ("service", "scope", "name", "unit", "kind", "temporality")
_COLUMNS = {*_INSTRUMENT, "instance", "description", "attributes", "start_ns", "time_ns", "value", "sum", "count"}


@dataclass(frozen=True, slots=True)
class Point:
    """One data point to write. body is its JSON."""

    instrument: tuple[str, ...]
    description: str
    instance: str
    attributes: str
    start_ns: int
    time_ns: int
    value: float
    count: int | None
    body: str
    vendor: str = "metrics"
    trace_id: None = None


def point_of(record: Record) -> Point:
    """Return the receiver's record as a point."""
    body = {name: value for name, value in record.items() if name not in _COLUMNS}
    count = record.get("count")
    return Point(
        instrument=tuple(record[name] for name in _INSTRUMENT),
        description=record["description"],
        instance=record["instance"],
        attributes=json.dumps(record["attributes"], ensure_ascii=False, sort_keys=True),
        start_ns=min(record["start_ns"], MAX_NS),
        time_ns=min(record["time_ns"], MAX_NS),
        value=float(record["value"] if count is None else record["sum"]),
        count=None if count is None else min(count, MAX_NS),
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
    )


def write_points(connection: sqlite3.Connection, points: Iterable[Point]) -> dict[int, set[int]]:
    """Insert the points. Return the numbers of their instruments and series."""
    known: dict[tuple[object, ...], tuple[int, int]] = {}
    touched: dict[int, set[int]] = {}
    newest: dict[int, int] = {}
    for point in points:
        key = (point.instrument, point.instance, point.attributes)
        if key not in known:
            known[key] = _series(connection, point)
            touched.setdefault(known[key][0], set()).add(known[key][1])
        cursor = connection.execute(
            "INSERT INTO points (series, start_ns, time_ns, value, count, body) VALUES (?, ?, ?, ?, ?, ?)",
            (known[key][1], point.start_ns, point.time_ns, point.value, point.count, point.body),
        )
        assert cursor.lastrowid is not None
        newest[known[key][1]] = cursor.lastrowid
    connection.executemany(
        "UPDATE series SET newest = ? WHERE number = ?", ((number, series) for series, number in newest.items())
    )
    return touched


def _series(connection: sqlite3.Connection, point: Point) -> tuple[int, int]:
    """Return the numbers of the point's instrument and series.

    Create them if they are missing.
    """
    columns = ", ".join(_INSTRUMENT)
    [instrument] = connection.execute(
        f"INSERT INTO instruments ({columns}, description) VALUES (?, ?, ?, ?, ?, ?, ?)"
        f" ON CONFLICT DO UPDATE SET description = excluded.description RETURNING number",
        (*point.instrument, point.description),
    ).fetchone()
    [series] = connection.execute(
        "INSERT INTO series (instrument, instance, attributes, newest) VALUES (?, ?, ?, 0)"
        " ON CONFLICT DO UPDATE SET newest = newest RETURNING number",
        (instrument, point.instance, point.attributes),
    ).fetchone()
    return instrument, series


def trim_points(connection: sqlite3.Connection, touched: dict[int, set[int]]) -> None:
    """Delete the oldest points, series and instruments above the limits.

    touched: the instruments and series with new points
    """
    if not touched:
        return
    for series in (one for of_instrument in touched.values() for one in of_instrument):
        oldest = "SELECT number FROM points WHERE series = :series ORDER BY number DESC LIMIT 1 OFFSET :kept"
        connection.execute(
            f"DELETE FROM points WHERE series = :series AND number <= ({oldest})",
            {"series": series, "kept": MAX_POINTS_OF_SERIES},
        )
    over = "SELECT number FROM points ORDER BY number DESC LIMIT 1 OFFSET ?"
    connection.execute(f"DELETE FROM points WHERE number <= ({over})", (MAX_POINTS,))
    for instrument in touched:
        gone = "SELECT number FROM series WHERE instrument = ? ORDER BY newest DESC LIMIT -1 OFFSET ?"
        connection.execute(f"DELETE FROM series WHERE number IN ({gone})", (instrument, MAX_SERIES_OF_INSTRUMENT))
    gone = "SELECT number FROM series ORDER BY newest DESC LIMIT -1 OFFSET ?"
    connection.execute(f"DELETE FROM series WHERE number IN ({gone})", (MAX_SERIES,))
    newest = "SELECT instrument FROM series GROUP BY instrument ORDER BY max(newest) DESC LIMIT -1 OFFSET ?"
    connection.execute(f"DELETE FROM series WHERE instrument IN ({newest})", (MAX_INSTRUMENTS,))
    # Instruments without series. A series without points is one whose points exceeded the limit.
    connection.execute("DELETE FROM series WHERE newest < (SELECT min(number) FROM points)")
    connection.execute("DELETE FROM points WHERE series NOT IN (SELECT number FROM series)")
    connection.execute("DELETE FROM instruments WHERE number NOT IN (SELECT instrument FROM series)")
