"""Derive events again from the records that an earlier console stored.

The earlier console derived less from them.
"""

import json
import logging
import sqlite3
from collections.abc import Iterator

from store.events import Event, events_of
from store.record_facts import facts_of
from store.tables import write_events

# Increase it when events_of() derives more, or the table of events changes. 2 has errors that only a span's status
# reports, and 3 has the column `level`.
VERSION = 3

logger = logging.getLogger(__name__)


def drop_old_events(connection: sqlite3.Connection) -> None:
    """Drop an earlier version's events, before the tables are created."""
    if _is_old(connection):
        connection.execute("DROP TABLE IF EXISTS events")


def renew_events(connection: sqlite3.Connection) -> None:
    """Derive the events of all records again, unless this version did.

    This takes seconds for tens of thousands of records.
    """
    if not _is_old(connection):
        return
    with connection:
        write_events(connection, _derived(connection))
        connection.execute(f"PRAGMA user_version = {VERSION}")
    [count] = connection.execute("SELECT count(*) FROM records").fetchone()
    if count:
        logger.warning(
            "%d records of an earlier console were read again, because this console derives more from them", count
        )


def _is_old(connection: sqlite3.Connection) -> bool:
    [version] = connection.execute("PRAGMA user_version").fetchone()
    return bool(version < VERSION)


def _derived(connection: sqlite3.Connection) -> Iterator[tuple[int, int | None, Event]]:
    for number, trace, vendor, received_ns, body in connection.execute(
        "SELECT number, trace, vendor, received_ns, body FROM records"
    ):
        record = json.loads(body)
        for event in events_of(vendor, record, facts_of(vendor, record, received_ns), received_ns):
            yield number, trace, event
