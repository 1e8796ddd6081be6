"""Derive events and traces again from the records that an earlier console stored.

The earlier console derived less from them.
"""

import json
import logging
import sqlite3
from collections.abc import Iterator

from facts import Facts
from store.events import Event, events_of
from store.record_facts import facts_of
from store.tables import update_trace, write_events

# Increase it when events_of() or facts_of() derives more, or the table of events changes. 2 has errors that only a
# span's status reports, 3 has the column `level`, and 4 has NEW_COLUMNS.
VERSION = 4
NEW_COLUMNS = ("service_rank", "service_ns", "error_rank", "error_ns")  # of the table of traces

logger = logging.getLogger(__name__)


def prepare(connection: sqlite3.Connection) -> None:
    """Make an earlier version's file ready for the schema.

    Drop its events, and add the new columns to its traces.
    """
    if not _is_old(connection):
        return
    connection.execute("DROP TABLE IF EXISTS events")
    columns = {name for _, name, *_ in connection.execute("PRAGMA table_info(traces)")}
    if "rank" in columns:  # otherwise the file is new, or another program's
        for name in set(NEW_COLUMNS) - columns:
            connection.execute(f"ALTER TABLE traces ADD COLUMN {name} INTEGER NOT NULL DEFAULT 0")


def renew(connection: sqlite3.Connection) -> None:
    """Derive the events and the traces of all records again, unless this version did.

    This takes seconds for tens of thousands of records.
    """
    if not _is_old(connection):
        return
    traces: dict[int, Facts] = {}
    with connection:
        write_events(connection, _derived(connection, traces))
        for number, facts in traces.items():
            update_trace(connection, number, facts)
        connection.execute(f"PRAGMA user_version = {VERSION}")
    [count] = connection.execute("SELECT count(*) FROM records").fetchone()
    if count:
        logger.warning(
            "%d records of an earlier console were read again, because this console derives more from them", count
        )


def _is_old(connection: sqlite3.Connection) -> bool:
    [version] = connection.execute("PRAGMA user_version").fetchone()
    return bool(version < VERSION)


def _derived(connection: sqlite3.Connection, traces: dict[int, Facts]) -> Iterator[tuple[int, int | None, Event]]:
    """Yield the events of all records, and combine each trace's facts in `traces`."""
    for number, trace, vendor, received_ns, body in connection.execute(
        "SELECT number, trace, vendor, received_ns, body FROM records"
    ):
        record = json.loads(body)
        facts = facts_of(vendor, record, received_ns)
        if trace is not None:
            traces[trace] = traces[trace] | facts if trace in traces else facts
        for event in events_of(vendor, record, facts, received_ns):
            yield number, trace, event
