"""The file that entries lie in: SQLite, so that a process killed while it writes leaves the state before or after."""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from local.protocol import LocalError

_TABLE = "CREATE TABLE IF NOT EXISTS entries (store TEXT, key TEXT, value BLOB, PRIMARY KEY (store, key)) WITHOUT ROWID"


class Change(NamedTuple):
    """What became of one store's entries."""

    store: str
    written: Mapping[str, bytes]
    removed: Iterable[str]


class Shelf:
    """Entries by store and key. Used by one thread at a time."""

    def __init__(self, file: Path) -> None:
        """LocalError where the file is none of ours."""
        try:
            self._connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
            # A log that is appended to. What a killed process wrote is with the kernel: nothing has to wait for a disk.
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = OFF")
            self._connection.execute(_TABLE)
        except sqlite3.DatabaseError as error:
            raise LocalError(f"{file} cannot be read: {error}") from error

    def read(self) -> dict[str, dict[str, bytes]]:
        """All entries, by store. LocalError where they cannot be read."""
        found: dict[str, dict[str, bytes]] = {}
        try:
            for store, key, value in self._connection.execute("SELECT store, key, value FROM entries"):
                found.setdefault(store, {})[key] = value
        except sqlite3.DatabaseError as error:
            raise LocalError(f"what was kept cannot be read: {error}") from error
        return found

    def write(self, changes: Iterable[Change]) -> None:
        """All of it or nothing."""
        with self._connection:
            self._connection.execute("BEGIN")
            for change in changes:
                self._connection.executemany(
                    "DELETE FROM entries WHERE store = ? AND key = ?", [(change.store, key) for key in change.removed]
                )
                self._connection.executemany(
                    "INSERT OR REPLACE INTO entries VALUES (?, ?, ?)",
                    [(change.store, key, value) for key, value in change.written.items()],
                )

    def close(self) -> None:
        self._connection.close()
