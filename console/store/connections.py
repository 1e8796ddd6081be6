"""Connections that read the store's file."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue


class Connections:
    """Lends connections to the readers. Safe for concurrent use.

    elsewhere: the vendors that receive telemetry from the API themselves, so that nothing is missing here
    """

    def __init__(self, file: Path, elsewhere: frozenset[str]) -> None:
        self._file = file
        self._elsewhere = elsewhere
        self._connections: SimpleQueue[sqlite3.Connection] = SimpleQueue()

    def close(self) -> None:
        """Close. Call nothing afterwards."""
        while not self._connections.empty():
            self._connections.get().close()

    @contextmanager
    def _reader(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection to one thread at a time."""
        # An open connection would continue to read a deleted file, and a new one could not open it.
        if not self._file.exists():
            raise sqlite3.OperationalError("its file is missing")
        try:
            reader = self._connections.get_nowait()
        except Empty:
            reader = sqlite3.connect(self._file, timeout=10, check_same_thread=False)
            reader.execute("PRAGMA query_only = 1")
        try:
            yield reader
        finally:
            self._connections.put(reader)
