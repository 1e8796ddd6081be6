"""Brings the file of an older console up to date: its records get the events that queries look at."""

import json
import logging
import sqlite3

from store.events import events_of, instance_of
from store.record_facts import facts_of
from store.tables import Entry, note_instances, write_events

BATCH = 1000

logger = logging.getLogger(__name__)


def catch_up(connection: sqlite3.Connection) -> None:
    """Make the events of all records that have none, and delete those whose record an older console deleted."""
    with connection:
        connection.execute("DELETE FROM events WHERE record NOT IN (SELECT number FROM records)")
    lacking = "FROM records WHERE number NOT IN (SELECT record FROM events)"
    count = connection.execute(f"SELECT count(*) {lacking}").fetchone()[0]
    if not count:
        return
    logger.warning("The file is of an older console: %s records are made ready for queries", count)
    numbers = [number for (number,) in connection.execute(f"SELECT number {lacking}")]
    with connection:
        for start in range(0, count, BATCH):
            _make_events(connection, numbers[start : start + BATCH])


def _make_events(connection: sqlite3.Connection, numbers: list[int]) -> None:
    query = (
        "SELECT number, trace, vendor, received_ns, body FROM records WHERE number IN (SELECT value FROM json_each(?))"
    )
    made = []
    for number, trace, vendor, received_ns, body in connection.execute(query, (json.dumps(numbers),)):
        record = json.loads(body)
        facts = facts_of(vendor, record, received_ns)
        events = events_of(vendor, record, facts, received_ns)
        made.append((number, trace, Entry(vendor, None, received_ns, "", facts, events, instance_of(vendor, record))))
    write_events(connection, ((number, trace, event) for number, trace, entry in made for event in entry.events))
    note_instances(connection, (entry for _, _, entry in made))
