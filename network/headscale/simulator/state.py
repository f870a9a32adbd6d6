"""What verbs have changed, kept in SQLite as differences to the demo fleet.

Every record is a row of (kind, id, changes): the changes of a machine of the fleet hold only what
differs, those of a machine that joined later hold all of it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

Changes = dict[str, Any]  # JSON: the fields of a record

USER, NODE, KEY, PENDING = "user", "node", "key", "pending"
API_KEY, POLICY, OAUTH = "apikey", "policy", "oauth"
_BUSY_S = 30.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
  kind TEXT NOT NULL, id INTEGER NOT NULL, changes TEXT NOT NULL, PRIMARY KEY (kind, id)
);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, line TEXT NOT NULL);
"""


class Store:
    """One open state file. Several processes may hold one each; writers take turns."""

    def __init__(self, path: Path) -> None:
        new = not path.exists()
        self._connection = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None)
        self._connection.execute("PRAGMA synchronous = OFF")
        if new or not self._has_tables():
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.executescript(_SCHEMA)

    def _has_tables(self) -> bool:
        query = "SELECT count(*) FROM sqlite_master WHERE name = 'outbox'"
        return bool(self._connection.execute(query).fetchone()[0])

    def close(self) -> None:
        """This will let go of the file."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """This will hold the only right to write until the block ends; an error undoes it all."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def changes(self, kind: str) -> dict[int, Changes]:
        """This will be all changes of a kind by id, in the order of the ids."""
        query = "SELECT id, changes FROM records WHERE kind = ? ORDER BY id"
        rows = self._connection.execute(query, (kind,))
        return {record_id: json.loads(changes) for record_id, changes in rows}

    def change(self, kind: str, record_id: int, changes: Mapping[str, object]) -> None:
        """This will lay changes over those that a record has already."""
        query = "SELECT changes FROM records WHERE kind = ? AND id = ?"
        row = self._connection.execute(query, (kind, record_id)).fetchone()
        merged = (json.loads(row[0]) if row else {}) | dict(changes)
        self._connection.execute(
            "INSERT OR REPLACE INTO records VALUES (?, ?, ?)",
            (kind, record_id, json.dumps(merged, ensure_ascii=False)),
        )

    def count(self, name: str, *, at_least: int = 0) -> int:
        """This will move a counter on by one, from `at_least` if that is more, and return it."""
        query = "SELECT value FROM counters WHERE name = ?"
        row = self._connection.execute(query, (name,)).fetchone()
        value = max(row[0] if row else 0, at_least) + 1
        self._connection.execute("INSERT OR REPLACE INTO counters VALUES (?, ?)", (name, value))
        return value

    def post(self, line: str) -> None:
        """This will keep a line for the journal within the transaction that causes it."""
        self._connection.execute("INSERT INTO outbox (line) VALUES (?)", (line,))

    def posted(self) -> list[tuple[int, str]]:
        """This will be the kept lines, oldest first."""
        return self._connection.execute("SELECT id, line FROM outbox ORDER BY id").fetchall()

    def unpost(self, line_id: int) -> None:
        """This will forget a kept line."""
        self._connection.execute("DELETE FROM outbox WHERE id = ?", (line_id,))


def opened(path: Path) -> closing[Store]:
    """This will open a state file for the length of a `with` block."""
    return closing(Store(path))
