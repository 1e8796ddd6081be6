"""What queries ask of the store: attributes of events as columns, the attributes that there are, a service's starts."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from facts import MAX_NS, VENDORS
from store.conditions import COLUMNS, OF_METRICS, OF_REQUESTS, Condition, column_of, of_event
from store.filters import NONE, Filters, condition, like
from store.reader import Reader

NEWEST = 2000  # Events that the names and the values of attributes are taken from.
NAMES = 1000  # Attributes that are listed.
REQUESTS, METRICS = "requests", "metrics"


@dataclass(frozen=True)
class _Source:
    """Where events are, in SQL: the table, what holds for all of them, their own columns, and the request's number."""

    table: str
    test: str
    columns: Mapping[str, str]
    error: str
    trace: str


_POINTS = (
    "(SELECT time_ns AS started_ns, NULL AS trace, name, unit, kind, service, instance, attributes, value, count, body"
    " FROM points JOIN series ON series = series.number JOIN instruments ON instrument = instruments.number)"
)
_SOURCES = {
    REQUESTS: _Source("traces", "1", OF_REQUESTS, "events.has_error", "events.number"),
    METRICS: _Source(_POINTS, "1", OF_METRICS, "0", "events.trace"),
}
_EVENTS = _Source("events", "events.kind = :kind", COLUMNS, "events.error", "events.trace")


@dataclass(frozen=True)
class Selection:
    """The events of a kind that queries look at.

    of: "requests", "spans", "segments", "lines", "items" or "metrics". where: each holds for the event. filters: hold
    for its request, but for the times, which are the event's own. text: in the event's record.
    number: of the event's record.
    """

    of: str
    where: tuple[Condition, ...] = ()
    filters: Filters = NONE
    text: str = ""
    number: int | None = None


@dataclass(frozen=True)
class Run:
    """From a start of a service to the next, as far as its spans show: since 1970."""

    service: str
    first_ns: int
    last_ns: int


class EventReader(Reader):
    """Safe from many threads."""

    def columns(
        self, selection: Selection, names: Sequence[str], numbers: Sequence[str] = (), newest: int | None = None
    ) -> list[tuple[Any, ...]]:
        """Return columns: when each event started, whether it is an error (1 or 0), and its attributes of these names.

        names: as they are, None where an event has none. numbers: likewise, and None for what is no number.
        newest: so many of them at most, the newest first; else in any order.
        """
        source = _source(selection.of)
        table, values = chosen(selection, set(VENDORS) - self._elsewhere)
        columns = ["events.started_ns", source.error]
        for at, name in enumerate(names):
            column, parameters = column_of(name, f"column{at}", source.columns)
            columns.append(column)
            values |= parameters
        for at, name in enumerate(numbers):
            column, parameters = column_of(name, f"figure{at}", source.columns)
            columns.append(f"CASE WHEN typeof({column}) IN ('integer', 'real') THEN {column} END")
            values |= parameters
        query = f"SELECT {', '.join(columns)} {table}"
        if newest is not None:
            query += " ORDER BY events.started_ns DESC LIMIT :newest"
            values["newest"] = newest
        with self._reader() as reader:
            rows = reader.execute(query, values).fetchall()
        return list(zip(*rows, strict=True)) if rows else [()] * len(columns)

    def events(self, selection: Selection, limit: int) -> list[dict[str, Any]]:
        """Return the newest events, each with all its attributes, and the id of its trace where it has one."""
        source = _source(selection.of)
        if selection.of in _SOURCES:
            names = list(source.columns)
            rows = zip(*self.columns(selection, names, newest=limit), strict=True)
            return [{"started_ns": started, **dict(zip(names, values, strict=True))} for started, _, *values in rows]
        table, values = chosen(selection, set(VENDORS) - self._elsewhere)
        trace_id = "(SELECT trace_id FROM traces WHERE number = events.trace)"
        query = f"SELECT record, {trace_id}, started_ns, duration_ms, {COLUMNS['error']}, attributes {table}"
        with self._reader() as reader:
            found = reader.execute(
                f"{query} ORDER BY events.started_ns DESC LIMIT :newest", values | {"newest": limit}
            ).fetchall()
        return [
            json.loads(attributes)
            | {"number": number, "trace_id": of, "started_ns": started, "duration_ms": length, "error": error}
            for number, of, started, length, error, attributes in found
        ]

    def attribute_names(self, of: str) -> list[str]:
        """Return the names of the attributes that the newest events of a kind have, the most frequent first."""
        if of == REQUESTS:
            return list(OF_REQUESTS)
        table, values = chosen(Selection(of), set())
        newest = f"SELECT events.attributes {table} ORDER BY events.started_ns DESC LIMIT :newest"
        each = f"FROM ({newest}) AS newest, json_each(newest.attributes)"
        query = f"SELECT key {each} GROUP BY key ORDER BY count(*) DESC, key LIMIT {NAMES}"
        with self._reader() as reader:
            found = reader.execute(query, values | {"newest": NEWEST}).fetchall()
        return list(dict.fromkeys([*_source(of).columns, *(name for (name,) in found)]))

    def attribute_values(self, of: str, name: str, limit: int = 20) -> list[Any]:
        """Return the values of an attribute in the newest events, the most frequent first."""
        counted: dict[Any, int] = {}
        for value in self.columns(Selection(of), [name], newest=NEWEST)[2]:
            if value is not None:
                counted[value] = counted.get(value, 0) + 1
        return sorted(counted, key=lambda value: -counted[value])[:limit]

    def runs(self, service: str | None = None) -> list[Run]:
        """Return the runs of the services, or of one, the newest first.

        A service was restarted if a process sends spans and no earlier one does any more: the processes of one run
        send by turns.
        """
        query = (
            "SELECT service, first_ns, last_ns FROM instances WHERE :service IS NULL OR service = :service"
            " ORDER BY first_ns"
        )
        with self._reader() as reader:
            rows = [Run(*row) for row in reader.execute(query, {"service": service})]
        last: dict[str, int] = {}
        runs: list[Run] = []
        for row in rows:
            at = last.get(row.service)
            if at is not None and row.first_ns <= runs[at].last_ns:
                runs[at] = replace(runs[at], last_ns=max(runs[at].last_ns, row.last_ns))
            else:
                last[row.service] = len(runs)
                runs.append(row)
        return sorted(runs, key=lambda run: -run.first_ns)


def _source(of: str) -> _Source:
    return _SOURCES.get(of, _EVENTS)


def chosen(selection: Selection, here: set[str]) -> tuple[str, dict[str, Any]]:
    """Return the query from its FROM on, and its parameters."""
    source, filters = _source(selection.of), selection.filters
    tests, values = [source.test], dict[str, Any](kind=selection.of)
    for at, one in enumerate(selection.where):
        test, parameters = of_event(one, f"_of_event{at}", source.columns)
        tests.append(test)
        values |= parameters
    if selection.number is not None:
        tests.append("events.record = :event_number")
        values["event_number"] = selection.number
    if selection.text:
        tests.append("(SELECT body FROM records WHERE number = events.record) LIKE :event_text ESCAPE '!'")
        values["event_text"] = like(selection.text)
    of_filters, parameters = narrowed(filters, here, source.trace)
    tests += of_filters
    return f"FROM {source.table} AS events WHERE {' AND '.join(tests)}", values | parameters


def narrowed(filters: Filters, here: set[str], trace: str = "events.trace") -> tuple[list[str], dict[str, Any]]:
    """Return the conditions on events that pass the filters, and their parameters. trace: its number, in SQL."""
    tests, values = list[str](), dict[str, Any]()
    since = [] if filters.minutes is None else [max(time.time_ns() - filters.minutes * 60 * 10**9, 0)]
    if filters.since_ns is not None:
        since.append(filters.since_ns)
    if since:
        tests.append("events.started_ns >= :event_since")
        values["event_since"] = min(max(since), MAX_NS)
    if filters.until_ns is not None:
        tests.append("events.started_ns < :event_until")
        values["event_until"] = min(filters.until_ns, MAX_NS)
    of_request = replace(filters, minutes=None, since_ns=None, until_ns=None)
    if of_request != NONE:
        test, parameters = condition(of_request, here)
        tests.append(f"{trace} IN (SELECT number FROM traces WHERE {test})")
        values |= parameters
    return tests, values
