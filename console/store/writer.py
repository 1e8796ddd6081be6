"""Write to the store in one thread.

Each transaction commits everything that arrived since the last one.
"""

import logging
import sqlite3
import threading
from collections.abc import Callable, Sequence

from store.metric_tables import Point, trim_points, write_points
from store.tables import Entry, trim, write
from store.totals import Totals

MAX_WAITING_BYTES = 64 * 1024 * 1024  # received, and not yet written
GATHER_SECONDS = 0.1  # a transaction for a few records costs nearly as much as one for hundreds

logger = logging.getLogger(__name__)


class Writer:
    """Writes entries in its own thread.

    After each transaction, it calls `changed` with its traces' ids.

    connection: the writer's own, which it closes
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
        self._put = 0  # all entries that were put
        self._done = 0  # how many of them were written or dropped
        self._stopping = False
        self._moved = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def put(self, entries: Sequence[Entry | Point], seconds: float) -> bool:
        """Queue the entries, and return whether they were queued.

        Return False if the queue stays full for this many seconds. Then none of them is queued.
        """
        size = sum(len(entry.body) for entry in entries)
        with self._moved:
            # Entries above the limit are accepted if the queue is empty.
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
        """Wait until everything put so far is written.

        Return False after this many seconds.
        """
        with self._moved:
            put = self._put
            return self._moved.wait_for(lambda: self._done >= put, seconds)

    def stop(self) -> None:
        """Write the queue, and close the connection."""
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
            except Exception:  # such as a full disk, or a record that SQLite can't store; the next batch may succeed
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
        """Wait for entries and return them; nothing when it is time to stop."""
        with self._moved:
            self._moved.wait_for(lambda: self._waiting or self._stopping)
            self._moved.wait_for(lambda: self._stopping, GATHER_SECONDS)
            batch, self._waiting, self._waiting_bytes = self._waiting, [], 0
            self._moved.notify_all()
        return batch
