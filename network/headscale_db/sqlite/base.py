"""Django's SQLite, opened so that neither the engine's file nor any other can be written.

`mode=ro` alone is no wall: ATTACH opens the same file once more for writing. So the connection also
runs with `query_only` and an authorizer that knows nothing but reading.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.db.backends.sqlite3 import base

_READS = frozenset(
    {
        *(sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION),
        *(sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT),
    }
)
# What tells about tables; none of them changes anything, whatever follows its name.
_PRAGMAS = frozenset(
    {"table_info", "table_xinfo", "index_list", "index_info", "foreign_key_list"},
)
_CANNOT_MAKE_FILES = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})


@dataclass(frozen=True, slots=True)
class Rest:
    """A database file that nobody has open for writing: no log beside it, and what it looked like.

    Only such a file may be read as immutable, for that means reading past the write-ahead log.
    """

    path: Path
    inode: int
    size: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> Rest | None:
        """Return the file at rest; None when a log lies beside it or it cannot be looked at."""
        try:
            if any(Path(f"{path}{ending}").exists() for ending in ("-wal", "-journal")):
                return None
            found = path.stat()
        except OSError:
            return None
        return cls(path, found.st_ino, found.st_size, found.st_mtime_ns)

    def lasts(self) -> bool:
        """Tell whether nothing has happened to the file since."""
        return Rest.of(self.path) == self


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that reads.

    A write-ahead log needs files beside the database. Where we may not make them and the server,
    cleanly stopped, has left none, the file is opened as immutable and `rest` says how it lay.
    """

    rest: Rest | None = None

    @property
    def path(self) -> Path:
        """The file behind the address of the settings."""
        return Path(unquote(urlsplit(str(self.settings_dict["NAME"])).path))

    def require_file(self) -> None:
        """Return when there is a file to open, else raise OSError."""
        if self.path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "a folder", str(self.path))
        self.path.stat()

    def is_still_true(self) -> bool:
        """Tell whether what was read can be believed: nothing woke a file that was at rest."""
        return self.rest is None or self.rest.lasts()

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open the file for reading; raises OperationalError or DatabaseError of sqlite3."""
        self.rest = None
        try:
            return self._opened(conn_params)
        except sqlite3.OperationalError as error:
            # A locked file is one that somebody uses.
            if error.sqlite_errorcode & 0xFF not in _CANNOT_MAKE_FILES:
                raise
            rest = None if _may_make_files(self.path.parent) else Rest.of(self.path)
            if rest is None:
                raise
            address = f"{conn_params['database']}&immutable=1"
            opened = self._opened({**conn_params, "database": address})
            self.rest = rest
            return opened

    def _opened(self, conn_params: dict[str, Any]) -> Any:
        opened = super().get_new_connection(conn_params)
        try:
            # Devices decide what stands in some columns; broken text must not hide the others.
            opened.text_factory = lambda stored: stored.decode("utf-8", "replace")
            opened.execute("SELECT count(*) FROM sqlite_master").fetchone()
            opened.execute("PRAGMA query_only = ON")
            opened.set_authorizer(_only_reading)
        except sqlite3.Error:
            opened.close()
            raise
        return opened


def _only_reading(action: int, first: str | None, second: str | None, *_place: Any) -> int:
    if action == sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_OK if first in _PRAGMAS else sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _READS else sqlite3.SQLITE_DENY


def _may_make_files(folder: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=effective)
