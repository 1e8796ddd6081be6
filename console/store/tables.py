"""Write one transaction: insert records, update traces, delete the oldest."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import reduce
from operator import attrgetter, or_
from typing import Any

from facts import SOURCES, VENDORS, Facts
from store.events import Event
from store.totals import Totals

MAX_RECORDS_OF_TRACE = 10_000
MAX_UNJOINED = 500  # records without a trace id, for each source
MAX_FILE_BYTES = 2 * 1024**3
MAX_INSTANCES = 1_000  # known processes: those that sent last

FACTS = tuple(field.name for field in fields(Facts))
_VALUES = attrgetter(*FACTS)  # dataclasses.astuple() copies each value
_FLAGS = ("has_error", "failed", "served", "sampled", "joined")
_INSERT = (
    f"INSERT INTO traces (trace_id, first_received_ns, lacking, {', '.join(FACTS)}) "
    f"VALUES (?, ?, ?{', ?' * len(FACTS)})"
)
_UPDATE = f"UPDATE traces SET lacking = ?, {', '.join(f'{name} = ?' for name in FACTS)} WHERE number = ?"


@dataclass(frozen=True, slots=True)
class Entry:
    """One record to write.

    body: its JSON. instance: the process that sent it; "" if unknown.
    """

    vendor: str
    trace_id: str | None
    received_ns: int
    body: str
    facts: Facts
    events: Sequence[Event] = ()
    instance: str = ""


def facts_of_row(columns: Sequence[Any]) -> Facts:
    """Return the Facts in a row's columns FACTS.

    SQLite has 0 and 1 for false and true.
    """
    values = dict(zip(FACTS, columns, strict=True))
    return Facts(**values | {name: bool(values[name]) for name in _FLAGS})


def bits(vendors: Iterable[str]) -> int:
    """Return a set of vendors in the form of the column `lacking`."""
    return sum(1 << VENDORS.index(vendor) for vendor in vendors)


def write(connection: sqlite3.Connection, batch: Iterable[Entry], totals: Totals) -> set[str]:
    """Insert the entries, and update their traces. Return the traces' ids."""
    by_trace: dict[str | None, list[Entry]] = {}
    for entry in batch:
        by_trace.setdefault(entry.trace_id, []).append(entry)
    record = _number(connection, "SELECT max(number) FROM records", ()) or 0
    numbered: list[tuple[int, int | None, Entry]] = []
    for trace_id, entries in by_trace.items():
        number, kept = _join(connection, trace_id, entries, totals) if trace_id else (None, entries)
        numbered += [(of, number, entry) for of, entry in enumerate(kept, record + 1)]
        record += len(kept)
    connection.executemany(
        "INSERT INTO records (number, trace, vendor, received_ns, body) VALUES (?, ?, ?, ?, ?)",
        ((of, number, entry.vendor, entry.received_ns, entry.body) for of, number, entry in numbered),
    )
    write_events(connection, ((of, number, event) for of, number, entry in numbered for event in entry.events))
    note_instances(connection, (entry for _, _, entry in numbered))
    return {trace_id for trace_id in by_trace if trace_id}


def write_events(connection: sqlite3.Connection, events: Iterable[tuple[int, int | None, Event]]) -> None:
    """Insert events, each with its record's and its trace's number."""
    rows = (
        (record, trace, one.kind, one.started_ns, one.duration_ms, one.error, one.attributes, one.level)
        for record, trace, one in events
    )
    connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def note_instances(connection: sqlite3.Connection, entries: Iterable[Entry]) -> None:
    """Note when the processes that sent the entries first and last sent something."""
    rows = [
        (entry.facts.service, entry.instance, entry.facts.started_ns, entry.facts.started_ns)
        for entry in entries
        if entry.instance
    ]
    connection.executemany(
        "INSERT INTO instances VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
        " SET first_ns = min(first_ns, excluded.first_ns), last_ns = max(last_ns, excluded.last_ns)",
        rows,
    )
    if rows:
        oldest = "SELECT last_ns FROM instances ORDER BY last_ns DESC LIMIT 1 OFFSET ?"
        connection.execute(f"DELETE FROM instances WHERE last_ns <= ({oldest})", (MAX_INSTANCES,))


def _join(
    connection: sqlite3.Connection, trace_id: str, entries: list[Entry], totals: Totals
) -> tuple[int, list[Entry]]:
    """Insert or update the trace's row.

    Return its number, and the entries that it has room for.
    """
    row = connection.execute(
        f"SELECT number, {', '.join(FACTS)} FROM traces WHERE trace_id = ?", (trace_id,)
    ).fetchone()
    known = facts_of_row(row[1:]) if row else None
    room = MAX_RECORDS_OF_TRACE - (known.records if known else 0)
    for entry in entries[room:]:
        totals.drop(entry.vendor, 1)
    entries = entries[:room]
    facts = reduce(or_, [*([known] if known else []), *(entry.facts for entry in entries)])
    if row:
        update_trace(connection, row[0], facts)
        return row[0], entries
    first_received_ns = min(entry.received_ns for entry in entries)
    cursor = connection.execute(_INSERT, (trace_id, first_received_ns, bits(facts.lacking), *_VALUES(facts)))
    assert cursor.lastrowid is not None
    return cursor.lastrowid, entries


def update_trace(connection: sqlite3.Connection, number: int, facts: Facts) -> None:
    connection.execute(_UPDATE, (bits(facts.lacking), *_VALUES(facts), number))


def trim(connection: sqlite3.Connection, max_traces: int) -> None:
    """Delete the oldest traces, and the oldest records without a trace.

    A trace's records are deleted with it.
    """
    newest_to_go = _number(connection, "SELECT number FROM traces ORDER BY number DESC LIMIT 1 OFFSET ?", (max_traces,))
    if newest_to_go is None and _used_bytes(connection) > MAX_FILE_BYTES:
        # A tenth, so that the next transaction has nothing to delete.
        oldest = "SELECT number FROM traces ORDER BY number LIMIT 1 OFFSET (SELECT count(*) / 10 FROM traces)"
        newest_to_go = _number(connection, oldest, ())
    if newest_to_go is not None:
        connection.execute("DELETE FROM events WHERE trace <= ?", (newest_to_go,))
        connection.execute("DELETE FROM records WHERE trace <= ?", (newest_to_go,))
        connection.execute("DELETE FROM traces WHERE number <= ?", (newest_to_go,))
    for vendor in SOURCES:
        kept = "SELECT number FROM records WHERE trace IS NULL AND vendor = ? ORDER BY number DESC LIMIT 1 OFFSET ?"
        newest_to_go = _number(connection, kept, (vendor, MAX_UNJOINED))
        if newest_to_go is not None:
            rows = "trace IS NULL AND vendor = ? AND number <= ?"
            gone = f"SELECT number FROM records WHERE {rows}"
            connection.execute(f"DELETE FROM events WHERE record IN ({gone})", (vendor, newest_to_go))
            connection.execute(f"DELETE FROM records WHERE {rows}", (vendor, newest_to_go))


def _number(connection: sqlite3.Connection, query: str, parameters: tuple[object, ...]) -> int | None:
    row = connection.execute(query, parameters).fetchone()
    return row[0] if row else None


def _used_bytes(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    used: int = (pages - free) * size
    return used
