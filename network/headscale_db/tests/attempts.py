"""Every way of writing to an engine's database that we could think of, each by its name."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg2
from django.core.management import CommandError, call_command
from django.db import Error, connections, transaction
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.migrations.executor import MigrationExecutor

from network.headscale_db.models import EngineMigration, EngineNode, EnginePolicy, EngineUser
from network.headscale_db.router import ReadOnlyDatabaseError
from network.models import HeadscaleServer
from pharmacies.models import Company

Attempt = Callable[[str], object]

REFUSALS = (
    *(ReadOnlyDatabaseError, MigrationSchemaMissing, CommandError),
    *(Error, sqlite3.Error, psycopg2.Error),
)


def run(alias: str, *statements: str) -> None:
    with connections[alias].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def sql(*statements: str) -> Attempt:
    return lambda alias: run(alias, *statements)


def in_transaction(alias: str) -> None:
    with transaction.atomic(using=alias):
        run(alias, "UPDATE nodes SET hostname = 'x'")


def many(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.executemany("INSERT INTO migrations (id) VALUES (%s)", [("x",), ("y",)])


def changed_row(alias: str) -> None:
    """What an absent-minded door would do: read, change, save."""
    node = EngineNode.objects.using(alias).order_by("id")[0]
    node.hostname = "x"
    node.save()


def changed_rows(alias: str) -> None:
    nodes = list(EngineNode.objects.using(alias).all())
    for node in nodes:
        node.hostname = "x"
    EngineNode.objects.using(alias).bulk_update(nodes, ["hostname"])


def made_table(alias: str) -> None:
    with connections[alias].schema_editor() as editor:
        editor.create_model(Company)


def added_column(alias: str) -> None:
    with connections[alias].schema_editor() as editor:
        editor.add_field(EngineNode, HeadscaleServer._meta.get_field("release"))


def migrated(alias: str) -> None:
    executor = MigrationExecutor(connections[alias])
    executor.migrate(executor.loader.graph.leaf_nodes())


def loaded(alias: str) -> None:
    row = {"model": "headscale_db.engineuser", "pk": 8, "fields": {"name": "x"}}
    with TemporaryDirectory() as folder:
        file = Path(folder) / "x.json"
        file.write_text(json.dumps([row]))
        call_command("loaddata", str(file), database=alias, verbosity=0)


def beside(alias: str, *statements: str) -> None:
    """Run statements that name the file of the database, `PATH`, once more."""
    wrapper: Any = connections[alias]
    path = wrapper.path if hasattr(wrapper, "path") else wrapper.settings_dict["NAME"]
    run(alias, *(statement.replace("PATH", str(path)) for statement in statements))


def script(alias: str) -> None:
    connections[alias].ensure_connection()
    raw: Any = connections[alias].connection
    raw.executescript("DELETE FROM nodes;")


def beyond(alias: str, *statements: str) -> None:
    """Past Django, on the connection of the driver itself."""
    connections[alias].ensure_connection()
    raw: Any = connections[alias].connection
    for statement in statements:
        raw.cursor().execute(statement)
    raw.commit()


# By the router alone: no alias is named.
ROUTED: dict[str, Attempt] = {
    "save": lambda _alias: EngineNode(id=8).save(),
    "create": lambda _alias: EngineNode.objects.create(id=8),
    "update": lambda _alias: EngineNode.objects.update(hostname="x"),
    "delete": lambda _alias: EngineNode.objects.all().delete(),
    "bulk_create": lambda _alias: EngineNode.objects.bulk_create([EngineNode(id=8)]),
    "a user": lambda _alias: EngineUser.objects.create(id=8),
    "a policy": lambda _alias: EnginePolicy.objects.create(id=8, data=""),
    "a migration": lambda _alias: EngineMigration.objects.create(id="x"),
}
# On the alias, by Django or by the driver, in both databases.
DIRECT: dict[str, Attempt] = {
    "save using": lambda alias: EngineNode(id=8).save(using=alias),
    "save by force": lambda alias: EngineNode(id=8).save(using=alias, force_insert=True),
    "create using": lambda alias: EngineNode.objects.using(alias).create(id=8),
    "update using": lambda alias: EngineNode.objects.using(alias).update(hostname="x"),
    "delete using": lambda alias: EngineNode.objects.using(alias).all().delete(),
    "raw delete": lambda alias: EngineNode.objects.using(alias).all()._raw_delete(alias),
    "bulk_create using": lambda alias: EngineNode.objects.using(alias).bulk_create(
        [EngineNode(id=8)]
    ),
    "bulk_update using": changed_rows,
    "get_or_create": lambda alias: EngineUser.objects.using(alias).get_or_create(id=8),
    "update_or_create": lambda alias: EngineUser.objects.using(alias).update_or_create(
        id=1, defaults={"name": "x"}
    ),
    "a policy using": lambda alias: EnginePolicy.objects.using(alias).create(id=8, data="{}"),
    "a migration using": lambda alias: EngineMigration.objects.using(alias).create(id="x"),
    "a table of ours": lambda alias: Company(company_code="A", name="A").save(using=alias),
    "a row of ours": lambda alias: HeadscaleServer.objects.using(alias).create(slug="x", name="x"),
    "read, change, save": changed_row,
    "read, delete": lambda alias: EngineNode.objects.using(alias).order_by("id")[0].delete(),
    "insert": sql("INSERT INTO migrations (id) VALUES ('x')"),
    "insert select": sql("INSERT INTO migrations (id) SELECT id || 'x' FROM migrations"),
    "update by hand": sql("UPDATE nodes SET hostname = 'x'"),
    "delete by hand": sql("DELETE FROM nodes"),
    "with update": sql(
        "WITH one AS (SELECT 2 AS id) UPDATE nodes SET hostname = 'x' "
        "WHERE id IN (SELECT id FROM one)"
    ),
    "upsert": sql("INSERT INTO users (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 'x'"),
    "create table": sql("CREATE TABLE django_migrations (id integer)"),
    "create table as": sql("CREATE TABLE copy AS SELECT * FROM nodes"),
    "create index": sql("CREATE INDEX ours ON nodes (hostname)"),
    "create view": sql("CREATE VIEW ours AS SELECT id FROM nodes"),
    "drop table": sql("DROP TABLE nodes"),
    "add column": sql("ALTER TABLE nodes ADD COLUMN ours text"),
    "rename table": sql("ALTER TABLE nodes RENAME TO nodes_old"),
    "many": many,
    "in a transaction": in_transaction,
    "schema editor": made_table,
    "schema editor, a column": added_column,
    "migrations": migrated,
    "migrate": lambda alias: call_command("migrate", database=alias, verbosity=0),
    "past Django": lambda alias: beyond(alias, "UPDATE nodes SET hostname = 'x'"),
}
SQLITE: dict[str, Attempt] = {
    "replace": sql("REPLACE INTO users (id, name) VALUES (1, 'x')"),
    "create temporary table": sql("CREATE TEMP TABLE ours (id integer)"),
    "create trigger": sql("CREATE TRIGGER ours AFTER DELETE ON nodes BEGIN SELECT 1; END"),
    "create virtual table": sql("CREATE VIRTUAL TABLE ours USING fts5(x)"),
    "writable_schema": sql("PRAGMA writable_schema = ON", "UPDATE sqlite_master SET sql = ''"),
    "query_only": sql("PRAGMA query_only = OFF", "DELETE FROM nodes"),
    "journal_mode": sql("PRAGMA journal_mode = MEMORY"),
    "user_version": sql("PRAGMA user_version = 7"),
    "application_id": sql("PRAGMA application_id = 7"),
    "wal_checkpoint": sql("PRAGMA wal_checkpoint(TRUNCATE)"),
    "vacuum": sql("VACUUM"),
    "vacuum into": lambda alias: beside(alias, "VACUUM INTO 'PATH.copy'"),
    "analyze": sql("ANALYZE"),
    "reindex": sql("REINDEX"),
    "attach": lambda alias: beside(
        alias, "ATTACH 'file:PATH?mode=rw' AS again", "UPDATE again.nodes SET hostname = 'x'"
    ),
    "attach another": lambda alias: beside(
        alias, "ATTACH 'file:PATH.other?mode=rwc' AS other", "CREATE TABLE other.ours (id integer)"
    ),
    "attach memory": sql("ATTACH ':memory:' AS ours"),
    "begin exclusive": sql("BEGIN EXCLUSIVE", "DELETE FROM nodes", "COMMIT"),
    "script": script,
}
POSTGRESQL: dict[str, Attempt] = {
    "truncate": sql("TRUNCATE nodes"),
    "create schema": sql("CREATE SCHEMA ours"),
    "create function": sql("CREATE FUNCTION ours() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
    "comment": sql("COMMENT ON TABLE nodes IS 'x'"),
    "grant": sql("GRANT ALL ON nodes TO PUBLIC"),
    "owner": sql("ALTER TABLE nodes OWNER TO CURRENT_USER"),
    "select into": sql("SELECT * INTO ours FROM nodes"),
    "returning": sql("WITH gone AS (DELETE FROM nodes RETURNING id) SELECT * FROM gone"),
    "row lock": sql("SELECT * FROM nodes FOR UPDATE"),
    "table lock": sql("BEGIN", "LOCK TABLE nodes IN ACCESS EXCLUSIVE MODE"),
    "do": sql("DO $$ BEGIN DELETE FROM nodes; END $$"),
    "role": sql("CREATE ROLE ours SUPERUSER"),
    "become": sql("SET ROLE postgres", "DELETE FROM nodes"),
    "large object": sql("SELECT lo_import('/etc/passwd')"),
    "program": sql("COPY nodes (id) TO PROGRAM 'cat'"),
    "switched off": sql("SET default_transaction_read_only = off", "DELETE FROM nodes"),
    "read write": sql("BEGIN", "SET TRANSACTION READ WRITE", "DELETE FROM nodes", "COMMIT"),
    "for the session": sql(
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE", "DELETE FROM nodes"
    ),
}
# Tried like the others, though an unguarded file would come out of them as it was: the first three
# find no table or are refused by our command, the others leave no trace behind.
TRACELESS = frozenset(
    {
        *("a table of ours", "a row of ours", "migrate", "create temporary table"),
        *("journal_mode", "wal_checkpoint", "attach memory"),
    }
)
# Commands that may find nothing to do, and then end well.
QUIET: dict[str, Attempt] = {
    "flush": lambda alias: call_command("flush", database=alias, interactive=False, verbosity=0),
    "createcachetable": lambda alias: call_command(
        "createcachetable", "ours", database=alias, verbosity=0
    ),
    "loaddata": loaded,
    "remove_stale_contenttypes": lambda alias: call_command(
        "remove_stale_contenttypes", database=alias, interactive=False, verbosity=0
    ),
}
