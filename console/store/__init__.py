"""Keep the newest traces' records in SQLite, joined by trace id.

They are kept across restarts.
"""

import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from settings import SettingError
from store.call_reader import CallReader
from store.error_reader import ErrorReader
from store.events import events_of, instance_of
from store.exchange import document_of, records_of
from store.line_reader import LineReader
from store.mark_reader import MarkReader
from store.metric_reader import MetricReader
from store.metric_tables import point_of
from store.record_facts import facts_of
from store.renewal import prepare, renew
from store.saved import SavedQueries
from store.tables import Entry
from store.totals import Totals
from store.writer import Writer
from traces import Record, trace_id_of

FILE = "traces-3.sqlite"


class Full(Exception):
    """The queue is full because the writer is too slow or can't write.

    The records are dropped and counted.
    """


logger = logging.getLogger(__name__)


def note_older_files(folder: Path) -> None:
    """Log which files of older consoles exist. They are not read."""
    for file in sorted(folder.glob("traces*.sqlite")):
        if file.name != FILE:
            logger.warning("%s belongs to an older console, and is not read: delete it with its -wal and -shm", file)


def connect(folder: Path) -> sqlite3.Connection:
    """Return a connection for writing.

    Create the folder and the tables if they are missing. Raise SettingError if the file can't be used.
    """
    folder.mkdir(parents=True, exist_ok=True)
    schema = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
    try:
        connection = sqlite3.connect(folder / FILE, timeout=10, check_same_thread=False)
        # WAL: readers don't wait for the writer. NORMAL: a power cut may lose the last seconds, and damages nothing.
        connection.executescript(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 0;"
        )
        prepare(connection)
        connection.executescript(schema)
        renew(connection)
    except sqlite3.Error as error:
        raise SettingError(f"{folder / FILE} can't be used ({error}): move it away, or set CONSOLE_FOLDER") from error
    return connection


class Store(LineReader, ErrorReader, CallReader, MarkReader, MetricReader):
    """The records of all traces.

    It is safe for concurrent use. Added records can be read after some 0.1 s, or after flush().

    folder: created if it is missing; for one console only. Raise SettingError if its file can't be used.

    elsewhere: the vendors that receive telemetry from the API themselves, so that nothing is missing here
    """

    def __init__(self, folder: Path, max_traces: int = 10_000, elsewhere: frozenset[str] = frozenset()) -> None:
        super().__init__(folder / FILE, elsewhere)
        self.totals = Totals()
        self.saved = SavedQueries(folder / FILE)
        self._listeners: list[Callable[[set[str]], None]] = []
        self._writer = Writer(connect(folder), max_traces, self.totals, self._notify)

    def close(self) -> None:
        """Write the queue, and close. Call nothing afterwards."""
        self._writer.stop()
        super().close()

    def listen(self, changed: Callable[[set[str]], None]) -> None:
        """Call `changed` with the ids of traces that are new or have new records.

        It is called from the writer's thread, and must be fast.
        """
        self._listeners.append(changed)

    def add(self, vendor: str, records: Iterable[Record], seconds: float = 2.0) -> set[str]:
        """Add records as their receiver made them, and return their traces' ids.

        vendor: one of SOURCES

        If the writer is behind, wait this many seconds at most, then raise Full: none of the records is stored.
        """
        received_ns = time.time_ns()
        entries = [
            point_of(record) if vendor == "metrics" else _entry(vendor, record, received_ns) for record in records
        ]
        if not self._writer.put(entries, seconds):
            self.totals.drop(vendor, len(entries))
            raise Full(f"{len(entries)} records dropped: more arrives than can be written")
        self.totals.receive(vendor, len(entries), received_ns)
        return {entry.trace_id for entry in entries if entry.trace_id}

    def export(self, trace_id: str) -> Record | None:
        """Return the trace as one JSON document; None for an unknown trace.

        exchange.py describes the document.
        """
        trace = self.trace(trace_id)
        return document_of(trace) if trace else None

    def import_(self, document: Any) -> str:
        """Store an exported trace, and return its id when it can be read.

        A record that exists already is left out. Raise exchange.InvalidDocument and Full.
        """
        trace_id, records = records_of(document)
        entries = [_entry(vendor, record, record["received_ns"]) for vendor, record in records]
        with self._reader() as reader:
            query = "SELECT body FROM records WHERE trace = (SELECT number FROM traces WHERE trace_id = ?)"
            known = {body for (body,) in reader.execute(query, (trace_id,))}
        new = [entry for entry in entries if entry.body not in known]
        if not self._writer.put(new, seconds=2) or not self._writer.flush(seconds=10):
            raise Full("the trace was not opened: more arrives than can be written")
        if not self.summaries([trace_id]):
            raise Full("the trace was not opened: it could not be written")
        return trace_id

    def flush(self, seconds: float = 10.0) -> bool:
        """Wait until everything added so far is written.

        Return False after this many seconds.
        """
        return self._writer.flush(seconds)

    def _notify(self, trace_ids: set[str]) -> None:
        for changed in self._listeners:
            changed(trace_ids)


def _entry(vendor: str, record: Record, received_ns: int) -> Entry:
    body = {name: value for name, value in record.items() if name != "received_ns"}
    # Not \u-escaped, so that a search finds text as it was typed.
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    facts = facts_of(vendor, record, received_ns)
    events = events_of(vendor, record, facts, received_ns)
    return Entry(vendor, trace_id_of(vendor, record), received_ns, text, facts, events, instance_of(vendor, record))
