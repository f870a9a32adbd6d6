"""Which tables and columns a foreign database has, and which release of the engine they mean.

By features, not by version strings: several releases may stand side by side, and development builds
write no version. Source: `schema.sql`, `db.go` and `versioncheck.go` of juanfont/headscale.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from network.headscale_db.failures import WindowUnavailableError
from network.headscale_db.models import (
    EngineDatabaseVersion,
    EngineMigration,
    EngineNode,
    EnginePolicy,
    EngineUser,
)

Release = tuple[int, int]
Columns = Mapping[str, frozenset[str]]

_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'table'"
_POSTGRESQL = """
SELECT t.relname, c.attname FROM pg_catalog.pg_class t
JOIN pg_catalog.pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE t.relkind IN ('r', 'p') AND pg_catalog.pg_table_is_visible(t.oid)
  AND n.nspname NOT IN ('pg_catalog', 'information_schema')
"""
# What every release from 0.26 on has.
_ALWAYS = (EngineNode, EngineUser, EnginePolicy, EngineMigration)
_NEEDED = frozenset(model._meta.db_table for model in _ALWAYS)
_0_27 = "202507021200"
_0_29 = "202602201200-clear-tagged-node-user-id"


@dataclass(frozen=True, slots=True)
class SchemaFacts:
    """What a foreign database looks like.

    `release` is (0, 26) … (0, 30), None when nothing known fits; `tables` are sorted; `missing`
    names the columns that we would read and that are not there, as `table.column`, sorted.
    """

    release: Release | None
    tables: tuple[str, ...]
    missing: tuple[str, ...]


def read_columns(connection: BaseDatabaseWrapper) -> Columns:
    """Return the columns of each table that can be seen."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            return _columns_of_file(cursor)
        found: dict[str, set[str]] = {}
        cursor.execute(_POSTGRESQL)
        for table, column in cursor.fetchall():
            found.setdefault(table, set()).add(column)
    return {table: frozenset(columns) for table, columns in found.items()}


def _columns_of_file(cursor: CursorWrapper) -> Columns:
    # One statement would do, but only by a virtual table, and that counts as a write.
    cursor.execute(_SQLITE)
    found = {}
    for table in [row[0] for row in cursor.fetchall()]:
        quoted = '"' + table.replace('"', '""') + '"'
        cursor.execute(f"PRAGMA table_info({quoted})")
        found[table] = frozenset(column[1] for column in cursor.fetchall())
    return found


def require_shape(columns: Columns) -> None:
    """Return when these are the tables of a whole engine, else raise WindowUnavailableError.

    A table that waits under the name `…_old`, or one that is gone while the engine's own list of
    migrations is there, means that the engine is just changing them.
    """
    if any(f"{table}_old" in columns for table in _NEEDED):
        raise WindowUnavailableError("migrating")
    gone = _NEEDED - set(columns)
    if not gone:
        return
    is_an_engine = "id" in columns.get("migrations", ()) and len(gone) < len(_NEEDED) - 1
    raise WindowUnavailableError("migrating" if is_an_engine else "unknown_shape")


def require_columns(columns: Columns, model: type[models.Model], names: Iterable[str]) -> None:
    """Return when the table has these columns, else raise WindowUnavailableError."""
    if not set(names) <= columns.get(model._meta.db_table, frozenset()):
        raise WindowUnavailableError("unknown_shape")


def facts(columns: Columns, migrations: Collection[str]) -> SchemaFacts:
    """Return what the tables and the engine's own list of migrations mean."""
    release = _release(columns, migrations)
    read: tuple[type[models.Model], ...] = _ALWAYS
    if release is not None and release >= (0, 29):
        read = (*_ALWAYS, EngineDatabaseVersion)
    missing = (
        f"{model._meta.db_table}.{field.column}"
        for model in read
        for field in model._meta.concrete_fields
        if field.column not in columns.get(model._meta.db_table, ())
    )
    return SchemaFacts(release, tuple(sorted(columns)), tuple(sorted(missing)))


def _release(columns: Columns, migrations: Collection[str]) -> Release | None:
    nodes = columns.get("nodes", frozenset())
    keys = columns.get("pre_auth_keys", frozenset())
    # 0.25 has this table still; a database of before is none that we know.
    if "routes" in columns or "approved_routes" not in nodes:
        return None
    signs: tuple[tuple[Release, bool], ...] = (
        ((0, 30), "oauth_clients" in columns and "description" in keys),
        ((0, 29), "database_versions" in columns or _0_29 in migrations),
        ((0, 28), "tags" in nodes and "hash" in keys),
        ((0, 27), _0_27 in migrations),
    )
    return next((release for release, is_there in signs if is_there), (0, 26))
