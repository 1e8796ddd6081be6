"""Saved queries: a name, and the address's part after the question mark."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

MOST = 200
MAX_NAME = 80
MAX_ADDRESS = 4000


class SavedQueries:
    """Stores saved queries.

    It is safe for concurrent use. file: the store's.
    """

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> dict[str, str]:
        """Return the addresses by name, in alphabetical order."""
        with self._connection() as connection:
            return dict(connection.execute("SELECT name, address FROM saved_queries ORDER BY name"))

    def save(self, name: str, address: str) -> None:
        """Save the query, and replace one with the same name.

        Raise ValueError with a message for the user.
        """
        if not 1 <= len(name.strip()) <= MAX_NAME:
            raise ValueError(f"a name has 1 to {MAX_NAME} characters")
        if not address.isprintable():
            raise ValueError("an address must be one line")
        if len(address) > MAX_ADDRESS:
            raise ValueError("the query is too long to be saved")
        if len({*self.all(), name.strip()}) > MOST:
            raise ValueError(f"there are {MOST} saved queries already: delete one")
        with self._connection() as connection, connection:
            connection.execute("INSERT OR REPLACE INTO saved_queries VALUES (?, ?)", (name.strip(), address))

    def delete(self, name: str) -> None:
        with self._connection() as connection, connection:
            connection.execute("DELETE FROM saved_queries WHERE name = ?", (name,))

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        if not self._file.exists():
            raise sqlite3.OperationalError("its file is missing")
        with closing(sqlite3.connect(self._file, timeout=10)) as connection:
            yield connection
