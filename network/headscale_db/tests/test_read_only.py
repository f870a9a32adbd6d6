"""The window on the engine's database: reading works, and nothing that writes gets through."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.migrations.executor import MigrationExecutor
from django.utils.module_loading import import_string

from network.headscale_db.models import EngineNode
from network.headscale_db.router import HeadscaleDatabaseRouter, ReadOnlyDatabaseError
from network.models import HeadscaleServer
from pharmacies.models import Company
from pharmacies.tenancy import platform_context

RECORDINGS = Path(__file__).resolve().parents[3] / "tests" / "contract" / "recordings"
RELEASES = ["0.26.1", "0.28.0", "0.29.2", "0.30-dev"]
ALIAS = "headscale"
VALUES = (7, "mkey:7", "front", "front-1", "[]", '{"OS": "linux"}')
COLUMNS = "id, machine_key, hostname, given_name, endpoints, host_info"
WRITES: dict[str, Callable[[], object]] = {
    "save": lambda: EngineNode(id=8).save(),
    "save using": lambda: EngineNode(id=8).save(using=ALIAS),
    "create": lambda: EngineNode.objects.create(id=8),
    "create using": lambda: EngineNode.objects.using(ALIAS).create(id=8),
    "update": lambda: EngineNode.objects.update(hostname="x"),
    "update using": lambda: EngineNode.objects.using(ALIAS).update(hostname="x"),
    "delete": lambda: EngineNode.objects.all().delete(),
    "delete using": lambda: EngineNode.objects.using(ALIAS).all().delete(),
    "bulk_create": lambda: EngineNode.objects.bulk_create([EngineNode(id=8)]),
    "raw insert": lambda: run("INSERT INTO nodes (id, machine_key) VALUES (8, 'x')"),
    "raw update": lambda: run("UPDATE nodes SET hostname = 'x'"),
    "raw delete": lambda: run("DELETE FROM nodes"),
    "raw create": lambda: run("CREATE TABLE farmq (id integer)"),
    "raw drop": lambda: run("DROP TABLE nodes"),
    "a table of ours": lambda: Company(company_code="A", name="A").save(using=ALIAS),
    "a row of ours": lambda: HeadscaleServer.objects.using(ALIAS).create(slug="x", name="x"),
}


def run(sql: str) -> None:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(sql)


def opened(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Open a foreign database exactly as the settings do."""
    monkeypatch.setenv("HEADSCALE_DATABASE_URL", url)
    config = import_string("farmq.addresses.read_only")("HEADSCALE_DATABASE_URL")
    whole: dict[str, Any] = connections.configure_settings({"default": {}, ALIAS: config})
    connections.settings[ALIAS] = whole[ALIAS]
    wrapper: Any = connections[ALIAS]
    # Django's tests let no code open a database they do not know; this one is meant.
    wrapper.ensure_connection = lambda: wrapper.connection or wrapper.connect()


def closed() -> None:
    connections[ALIAS].close()
    del connections[ALIAS]
    del connections.settings[ALIAS]


@pytest.fixture(params=RELEASES)
def file(
    request: pytest.FixtureRequest, db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A database file with the tables of a release."""
    path = tmp_path / "db.sqlite"
    recorded = json.loads((RECORDINGS / request.param / "schema.json").read_text())
    with sqlite3.connect(path) as made:
        for name, table in recorded["tables"].items():
            columns = ", ".join(f'"{one["name"]}" {one["type"]}' for one in table["columns"])
            if not name.startswith("sqlite_"):
                made.execute(f'CREATE TABLE "{name}" ({columns})')
        made.execute(f"INSERT INTO nodes ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", VALUES)  # noqa: S608 -- constant
    made.close()
    opened(f"sqlite:///{path}", monkeypatch)
    yield path
    closed()


def digest(path: Path) -> list[tuple[str, str]]:
    """Everything in the folder, byte for byte: no journal may be left beside the file either."""
    return [
        (one.name, hashlib.sha256(one.read_bytes()).hexdigest())
        for one in sorted(path.parent.iterdir())
        if one.is_file()
    ]


def test_reading_works_on_every_release(file: Path) -> None:
    before = digest(file)

    node = EngineNode.objects.get(given_name="front-1")

    assert (node.pk, node.machine_key, node.hostname) == (7, "mkey:7", "front")
    assert node.host_info == '{"OS": "linux"}'
    assert digest(file) == before


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_no_write_gets_through(file: Path, write: Callable[[], object]) -> None:
    before = digest(file)

    with platform_context(), pytest.raises((ReadOnlyDatabaseError, DatabaseError)):
        write()

    connections[ALIAS].close()
    assert digest(file) == before


def test_nothing_is_migrated(file: Path) -> None:
    before = digest(file)

    with pytest.raises(CommandError, match="읽기만"):
        call_command("migrate", database=ALIAS, verbosity=0)
    executor = MigrationExecutor(connections[ALIAS])
    with pytest.raises(MigrationSchemaMissing):
        executor.migrate(executor.loader.graph.leaf_nodes())

    connections[ALIAS].close()
    assert digest(file) == before


def test_no_migration_of_any_app_is_for_the_foreign_database(db: None) -> None:
    router = HeadscaleDatabaseRouter()

    for app, _name in MigrationExecutor(connection).loader.graph.nodes:
        assert router.allow_migrate(ALIAS, app) is False
        assert router.allow_migrate("headscale-second", app) is False
    assert router.allow_migrate("default", "headscale_db") is False
    assert router.allow_migrate("default", "network") is None


def test_only_foreign_models_go_there() -> None:
    router = HeadscaleDatabaseRouter()

    assert router.db_for_read(EngineNode) == ALIAS
    assert router.db_for_read(Company) is None
    assert router.db_for_write(Company) is None
    with pytest.raises(ReadOnlyDatabaseError):
        router.db_for_write(EngineNode)


def test_the_window_has_no_table_and_no_right_to_change() -> None:
    assert EngineNode._meta.managed is False
    assert EngineNode._meta.default_permissions == ("view",)
    columns = {str(field.column) for field in EngineNode._meta.concrete_fields}
    assert columns == set(COLUMNS.split(", "))


@pytest.fixture
def foreign_postgres(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A table of the engine in PostgreSQL, through a connection that may only read."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE nodes (id bigint PRIMARY KEY, machine_key text, hostname text, "
            "given_name text, endpoints text, host_info text)"
        )
        cursor.execute(f"INSERT INTO nodes ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s)", VALUES)  # noqa: S608 -- constant
    name, folder = connection.settings_dict["NAME"], os.environ["FARMQ_TEST_DATABASE_URL"]
    opened(f"postgres://postgres@/{name}?{folder.partition('?')[2]}", monkeypatch)
    yield
    closed()
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE nodes")


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_postgresql_is_only_read_too(foreign_postgres: None, write: Callable[[], object]) -> None:
    if connection.vendor != "postgresql":
        return

    with platform_context(), pytest.raises((ReadOnlyDatabaseError, DatabaseError)):
        write()

    assert EngineNode.objects.get().given_name == "front-1"
