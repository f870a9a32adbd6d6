"""Databases as engines leave them: the recorded tables of each release, and rows in them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import environ
import psycopg2
from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string

RECORDINGS = Path(__file__).resolve().parents[3] / "tests" / "contract" / "recordings"
# 0.27 was not recorded; its tables are those of 0.26.
RELEASES = {
    "0.26": "0.26.1",
    "0.27": "0.26.1",
    "0.28": "0.28.0",
    "0.29": "0.29.2",
    "0.30": "0.30-dev",
}
ONLY_IN_0_27 = ("202507021200", "202510311551", "202511101554-drop-old-idx")
POSTGRES_TYPES = {
    "INTEGER": "bigint",
    "BLOB": "bytea",
    "datetime": "timestamptz",
    "numeric": "boolean",
}
POLICIES = (
    (1, "2026-11-22 01:36:39.476967259+00:00", '{"acls": []}'),
    (2, "2026-11-22 10:40:00.5+09:00", '// 한글 "주석"\n{"acls": []}'),
    (3, "0001-01-01 00:00:00+00:00", ""),
)


class Cursor(Protocol):
    """What both databases have in common."""

    def execute(self, sql: str, values: Any = ..., /) -> object: ...


def schema(family: str) -> dict[str, Any]:
    """The recorded schema of a release, as a value of one's own."""
    recorded: dict[str, Any] = json.loads(
        (RECORDINGS / RELEASES[family] / "schema.json").read_text()
    )
    if family == "0.27":
        recorded["migrations"] += ONLY_IN_0_27
    return recorded


def nodes(family: str) -> list[dict[str, Any]]:
    """Rows of `nodes` as recorded, and one such row spoiled in each way that was ever seen."""
    recorded: list[dict[str, Any]] = json.loads(
        (RECORDINGS / RELEASES[family] / "database-nodes-after.json").read_text()
    )
    tags = "forced_tags" if "forced_tags" in recorded[0] else "tags"
    odd: tuple[dict[str, Any], ...] = (
        {"last_seen": "2026-11-22 10:36:28.65195352+09:00", tags: "null"},
        {"expiry": "0001-01-01 00:00:00+00:00", "last_seen": None, tags: ""},
        {"host_info": None, "endpoints": None},
        {"host_info": "null", "endpoints": "null"},
        {"host_info": '{"OS": 7, "OSVersion": ["x"], "NetInfo": "x"}', "endpoints": '{"a": 1}'},
        {"host_info": "[" * 60_000, "endpoints": "[" * 60_000},
        {"host_info": '{"OS": "' + "x" * 1_000_000 + '"}', "endpoints": '["1.1.1.1:1"'},
        {"host_info": r'{"OS": "a\u0000b\u202ec\nd\ud800"}', "endpoints": '["x\\n", 3, null]'},
        {"host_info": '{"OS": "' + "가" * 300 + '"}', "endpoints": json.dumps(["a:1"] * 50)},
    )
    spoiled = [recorded[0] | {"id": 100 + number} | one for number, one in enumerate(odd)]
    return [*recorded, *spoiled]


def fill(
    cursor: Cursor,
    recorded: Mapping[str, Any],
    rows: Iterable[Mapping[str, Any]],
    *,
    mark: str = "?",
    types: Mapping[str, str] | None = None,
) -> None:
    """Make the recorded tables and indexes, and put the rows of `nodes` into them."""
    for name, table in recorded["tables"].items():
        columns = ", ".join(
            f'"{one["name"]}" {(types or {}).get(one["type"], one["type"])}'
            for one in table["columns"]
        )
        cursor.execute(f'CREATE TABLE "{name}" ({columns}, PRIMARY KEY ("id"))')
    inserts: list[tuple[str, Mapping[str, Any]]] = [("nodes", row) for row in rows]
    inserts += [("migrations", {"id": one}) for one in recorded["migrations"]]
    inserts += [
        ("policies", {"id": number, "created_at": made, "updated_at": made, "data": text})
        for number, made, text in POLICIES
    ]
    inserts.append(("users", {"id": 1, "name": "gana", "display_name": "가나 약국"}))
    for table, row in inserts:
        names = ", ".join(f'"{name}"' for name in row)
        marks = ", ".join([mark] * len(row))
        cursor.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', [*row.values()])  # noqa: S608 -- recorded names


def make_file(
    path: Path,
    family: str,
    change: Callable[[dict[str, Any]], None] | None = None,
    *,
    log: str = "WAL",
) -> Path:
    """Write a database file of a release; the engine's own has a write-ahead log."""
    recorded = schema(family)
    if change is not None:
        change(recorded)
    rows = nodes(family) if "nodes" in recorded["tables"] else ()
    with closing(sqlite3.connect(path)) as made:
        made.execute(f"PRAGMA journal_mode={log}")
        with made:
            fill(made, recorded, rows)
    return path


def make_postgres(address: str, family: str) -> None:
    """Fill an empty PostgreSQL with the tables of a release."""
    with closing(psycopg2.connect(address)) as made, made, made.cursor() as cursor:
        fill(cursor, schema(family), nodes(family), mark="%s", types=POSTGRES_TYPES)


def attach(alias: str, url: str, *, guarded: bool = True) -> None:
    """Make a foreign database known under an alias, exactly as the settings do, or unguarded."""
    read = (
        partial(import_string("farmq.addresses.foreign"), "database_url")
        if guarded
        else environ.Env.db_url_config
    )
    database = read(url)
    whole: dict[str, Any] = connections.configure_settings({"default": {}, alias: database})
    connections.settings[alias] = whole[alias]
    wrapper: Any = connections[alias]

    def ensure_connection() -> None:
        # Django's tests let no code open a database they do not know; this one is meant.
        if wrapper.connection is None:
            with wrapper.wrap_database_errors:
                wrapper.connect()

    wrapper.ensure_connection = ensure_connection


def detach(alias: str) -> None:
    """Forget a foreign database."""
    connections[alias].close()
    del connections[alias]
    del connections.settings[alias]


def is_postgres() -> bool:
    """Tell whether this run of the tests has a PostgreSQL."""
    return "postgresql" in str(settings.DATABASES["default"]["ENGINE"])
