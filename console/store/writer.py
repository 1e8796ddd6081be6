"""The one thread that writes: it takes what was received meanwhile, all at once, and commits it in one transaction."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence

from store.metric_tables import Point, trim_points, write_points
from store.tables import Entry, trim, write
from store.totals import Totals

MAX_WAITING_BYTES = 64 * 1024 * 1024  # Received and not yet written.
GATHER_SECONDS = 0.1  # A transaction for a few records costs nearly as much as one for hundreds.

logger = logging.getLogger(__name__)


class Writer:
    """put() from any thread; `changed` is called with the ids of the traces of each transaction, after it.

    connection: the writer's own, and the writer closes it.
    """

    def __init__(
        self, connection: sqlite3.Connection, max_traces: int, totals: Totals, changed: Callable[[set[str]], None]
    ) -> None:
        self._connection = connection
        self._max_traces = max_traces
        self._totals = totals
        self._changed = changed
        self._waiting: list[Entry | Point] = []
        self._waiting_bytes = 0
        self._put = 0  # Entries ever put,
        self._done = 0  # and how many of them were written or dropped.
        self._stopping = False
        self._moved = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def put(self, entries: Sequence[Entry | Point], seconds: float) -> bool:
        """Take the entries on; False where there was no room for so many seconds: they are then not taken."""
        size = sum(len(entry.body) for entry in entries)
        with self._moved:
            # What alone is larger than the bound is let in when nothing else waits.
            held = self._moved.wait_for(
                lambda: self._stopping or not self._waiting or self._waiting_bytes + size <= MAX_WAITING_BYTES, seconds
            )
            if not held or self._stopping:
                return False
            self._waiting += entries
            self._waiting_bytes += size
            self._put += len(entries)
            self._moved.notify_all()
        return True

    def flush(self, seconds: float) -> bool:
        """Wait until what was put so far is written; False where that takes longer."""
        with self._moved:
            put = self._put
            return self._moved.wait_for(lambda: self._done >= put, seconds)

    def stop(self) -> None:
        """Write what waits, and close the connection."""
        with self._moved:
            self._stopping = True
            self._moved.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._take():
            try:
                with self._connection:
                    records = [entry for entry in batch if isinstance(entry, Entry)]
                    changed = write(self._connection, records, self._totals)
                    trim(self._connection, self._max_traces)
                    trim_points(
                        self._connection,
                        write_points(self._connection, (entry for entry in batch if isinstance(entry, Point))),
                    )
            except Exception:  # A full disk, say, or a record that SQLite can't take. The next batch may fare better.
                logger.exception("records_not_written")
                changed = set()
                for entry in batch:
                    self._totals.drop(entry.vendor, 1)
            with self._moved:
                self._done += len(batch)
                self._moved.notify_all()
            self._changed(changed)
        self._connection.close()

    def _take(self) -> list[Entry | Point]:
        """Return what waits; nothing once it is time to stop."""
        with self._moved:
            self._moved.wait_for(lambda: self._waiting or self._stopping)
            self._moved.wait_for(lambda: self._stopping, GATHER_SECONDS)
            batch, self._waiting, self._waiting_bytes = self._waiting, [], 0
            self._moved.notify_all()
        return batch
