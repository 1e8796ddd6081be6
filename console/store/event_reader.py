"""Read events for queries.

It reads attributes as columns, the names of attributes, and the starts of a service.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from facts import VENDORS
from store.conditions import COLUMNS, OF_REQUESTS, column_of
from store.reader import Reader
from store.selection import METRICS, REQUESTS, Selection, chosen, source_of

NEWEST = 2000  # newest events whose attributes are listed
NAMES = 1000  # listed attributes


@dataclass(frozen=True)
class Run:
    """The time from one start of a service to the next, by its spans, since 1970."""

    service: str
    first_ns: int
    last_ns: int


class EventReader(Reader):
    """Reads events. Safe for concurrent use."""

    def columns(
        self, selection: Selection, names: Sequence[str], numbers: Sequence[str] = (), newest: int | None = None
    ) -> list[tuple[Any, ...]]:
        """Return the events' starts, errors (1 or 0) and attributes as columns.

        names: attributes in columns of unchanged values, None if missing

        numbers: attributes in columns of numbers, None if missing or not a number

        newest: the largest number of events, the newest first; otherwise in any order
        """
        source = source_of(selection.of)
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

    def counts(self, selection: Selection, names: Sequence[str]) -> list[tuple[Any, ...]]:
        """Return columns() with one row for each second and set of values.

        A row counts the events of a second that have the same values of the attributes in `names`. The first column has
        the first event's start, the second the number of errors, the last the number of events.
        """
        source = source_of(selection.of)
        table, values = chosen(selection, set(VENDORS) - self._elsewhere)
        columns = ["min(events.started_ns)", f"sum({source.error})"]
        for at, name in enumerate(names):
            column, parameters = column_of(name, f"column{at}", source.columns)
            columns.append(column)
            values |= parameters
        groups = ["events.started_ns / 1000000000", *(str(at + 3) for at in range(len(names)))]
        query = f"SELECT {', '.join(columns)}, count(*) {table} GROUP BY {', '.join(groups)}"
        with self._reader() as reader:
            rows = reader.execute(query, values).fetchall()
        return list(zip(*rows, strict=True)) if rows else [()] * (len(columns) + 1)

    def events(self, selection: Selection, limit: int) -> list[dict[str, Any]]:
        """Return the newest events with all their attributes.

        Each also has its trace's id, if it has one.
        """
        source = source_of(selection.of)
        if selection.of in (REQUESTS, METRICS):
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
        # One call for all: thousands of calls take twice as long.
        attributes = json.loads(f"[{','.join(row[5] for row in found)}]")
        return [
            of_event | {"number": number, "trace_id": of, "started_ns": started, "duration_ms": length, "error": error}
            for (number, of, started, length, error, _), of_event in zip(found, attributes, strict=True)
        ]

    def attribute_names(self, of: str) -> list[str]:
        """Return the names of the newest events' attributes, the most frequent first."""
        if of == REQUESTS:
            return list(OF_REQUESTS)
        table, values = chosen(Selection(of), set())
        newest = f"SELECT events.attributes {table} ORDER BY events.started_ns DESC LIMIT :newest"
        each = f"FROM ({newest}) AS newest, json_each(newest.attributes)"
        query = f"SELECT key {each} GROUP BY key ORDER BY count(*) DESC, key LIMIT {NAMES}"
        with self._reader() as reader:
            found = reader.execute(query, values | {"newest": NEWEST}).fetchall()
        return list(dict.fromkeys([*source_of(of).columns, *(name for (name,) in found)]))

    def attribute_values(self, of: str, name: str, limit: int = 20) -> list[Any]:
        """Return an attribute's values in the newest events, the most frequent first."""
        counted: dict[Any, int] = {}
        for value in self.columns(Selection(of), [name], newest=NEWEST)[2]:
            if value is not None:
                counted[value] = counted.get(value, 0) + 1
        return sorted(counted, key=lambda value: -counted[value])[:limit]

    def runs(self, service: str | None = None) -> list[Run]:
        """Return the runs of the services, or of one, the newest first.

        A service was restarted if a process sends spans and no earlier one does afterwards. The processes of one run
        alternate.
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
