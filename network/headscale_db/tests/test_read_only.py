"""The window on the engine's database: reading works, and nothing that writes gets through."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.migrations.exceptions import MigrationSchemaMissing
from django.db.migrations.executor import MigrationExecutor
from pytest_django import Settings

from network.headscale_db.models import (
    EngineDatabaseVersion,
    EngineMigration,
    EngineNode,
    EnginePolicy,
    EngineUser,
)
from network.headscale_db.router import HeadscaleDatabaseRouter, ReadOnlyDatabaseError
from network.headscale_db.tests import attempts, engines
from network.headscale_db.tests.attempts import Attempt
from network.headscale_db.tests.conftest import ALIAS, EnginePostgres
from pharmacies.models import Company
from pharmacies.tenancy import platform_context

MODELS = (EngineNode, EngineUser, EnginePolicy, EngineMigration, EngineDatabaseVersion)
FILE_ATTEMPTS = attempts.DIRECT | attempts.SQLITE
SERVER_ATTEMPTS = attempts.DIRECT | attempts.POSTGRESQL


@pytest.fixture(params=engines.RELEASES)
def file(request: pytest.FixtureRequest, db: None, tmp_path: Path) -> Iterator[Path]:
    """A database file with the tables of a release."""
    yield from opened_file(tmp_path, request.param)


@pytest.fixture
def newest(db: None, tmp_path: Path) -> Iterator[Path]:
    """The same of the newest release alone."""
    yield from opened_file(tmp_path, "0.30")


def opened_file(folder: Path, family: str) -> Iterator[Path]:
    path = engines.make_file(folder / "db.sqlite", family, log="DELETE")
    engines.attach(ALIAS, f"sqlite:///{path}")
    yield path
    engines.detach(ALIAS)


@pytest.fixture
def server(db: None, engine_postgres: EnginePostgres | None) -> Iterator[EnginePostgres | None]:
    """The engine's PostgreSQL, opened as the role that may only read."""
    if engine_postgres is None:
        yield None
        return
    engines.attach(ALIAS, engine_postgres.reader)
    yield engine_postgres
    engines.detach(ALIAS)


@pytest.fixture(params=["with router", "without router"])
def walls(request: pytest.FixtureRequest, settings: Settings) -> None:
    """The connection holds by itself."""
    if request.param == "without router":
        settings.DATABASE_ROUTERS = []


def digest(path: Path) -> list[tuple[str, str]]:
    """Everything in the folder, byte for byte: no journal may be left beside the file either."""
    return [
        (one.name, hashlib.sha256(one.read_bytes()).hexdigest())
        for one in sorted(path.parent.iterdir())
        if one.is_file()
    ]


def test_reading_works_on_every_release(file: Path) -> None:
    before = digest(file)

    node = EngineNode.objects.get(pk=2)

    assert (node.hostname, node.given_name) == ("pc-b", "pc-b")
    assert node.machine_key.startswith("mkey:")
    assert EngineUser.objects.get().display_name == "가나 약국"
    assert EnginePolicy.objects.count() == len(engines.POLICIES)
    assert digest(file) == before


@pytest.mark.parametrize("write", attempts.ROUTED.values(), ids=attempts.ROUTED)
def test_no_write_gets_through(file: Path, write: Attempt) -> None:
    before = digest(file)

    with platform_context(), pytest.raises(ReadOnlyDatabaseError):
        write(ALIAS)

    connections[ALIAS].close()
    assert digest(file) == before


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize("write", FILE_ATTEMPTS.values(), ids=FILE_ATTEMPTS)
def test_a_file_is_only_read(newest: Path, write: Attempt) -> None:
    before = digest(newest)
    connections[ALIAS].ensure_connection()

    with platform_context(), pytest.raises(attempts.REFUSALS):
        write(ALIAS)

    connections[ALIAS].close()
    assert digest(newest) == before


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize("command", attempts.QUIET.values(), ids=attempts.QUIET)
def test_no_command_changes_a_file(newest: Path, command: Attempt) -> None:
    before = digest(newest)

    with platform_context(), contextlib.suppress(*attempts.REFUSALS):
        command(ALIAS)

    connections[ALIAS].close()
    assert digest(newest) == before


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize("write", SERVER_ATTEMPTS.values(), ids=SERVER_ATTEMPTS)
def test_postgresql_is_only_read_too(server: EnginePostgres | None, write: Attempt) -> None:
    if server is None:
        return
    before = server.dump()

    with platform_context(), pytest.raises(attempts.REFUSALS):
        write(ALIAS)

    connections[ALIAS].close()
    assert server.dump() == before


@pytest.mark.parametrize("write", attempts.DIRECT.values(), ids=attempts.DIRECT)
def test_the_role_is_the_wall_when_a_client_switches_the_default_off(
    server: EnginePostgres | None, settings: Settings, write: Attempt
) -> None:
    if server is None:
        return
    settings.DATABASE_ROUTERS = []
    before = server.dump()
    attempts.run(ALIAS, "SET default_transaction_read_only = off")

    with platform_context(), pytest.raises(attempts.REFUSALS):
        write(ALIAS)

    connections[ALIAS].close()
    assert server.dump() == before


@pytest.mark.usefixtures("walls")
@pytest.mark.parametrize("command", attempts.QUIET.values(), ids=attempts.QUIET)
def test_no_command_changes_postgresql(server: EnginePostgres | None, command: Attempt) -> None:
    if server is None:
        return
    before = server.dump()

    with platform_context(), contextlib.suppress(*attempts.REFUSALS):
        command(ALIAS)

    connections[ALIAS].close()
    assert server.dump() == before


@pytest.mark.parametrize("name", sorted(FILE_ATTEMPTS.keys() - attempts.TRACELESS))
def test_the_attempt_changes_a_file_that_is_not_guarded(
    db: None, tmp_path: Path, settings: Settings, name: str
) -> None:
    settings.DATABASE_ROUTERS = []
    path = engines.make_file(tmp_path / "db.sqlite", "0.30", log="DELETE")
    before = digest(path)
    engines.attach(ALIAS, f"sqlite:///{path}", guarded=False)

    with platform_context():
        FILE_ATTEMPTS[name](ALIAS)

    engines.detach(ALIAS)
    assert digest(path) != before


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
        assert router.allow_migrate("headscale_second", app) is False
    assert router.allow_migrate("default", "headscale_db") is False
    assert router.allow_migrate("default", "network") is None


def test_only_foreign_models_go_there() -> None:
    router = HeadscaleDatabaseRouter()

    assert router.db_for_read(EngineNode) == ALIAS
    assert router.db_for_read(Company) is None
    assert router.db_for_write(Company) is None
    with pytest.raises(ReadOnlyDatabaseError):
        router.db_for_write(EngineNode)


def test_a_row_belongs_where_it_was_read() -> None:
    router = HeadscaleDatabaseRouter()
    node, company = EngineNode(id=1), Company(company_code="A", name="A")
    node._state.db = company._state.db = "headscale_second"

    assert router.db_for_read(EngineNode, instance=node) == "headscale_second"
    with pytest.raises(ReadOnlyDatabaseError):
        router.db_for_write(Company, instance=company)
    company._state.db = "default"
    assert router.db_for_write(Company, instance=company) is None


@pytest.mark.parametrize("model", MODELS, ids=lambda model: str(model.__name__))
def test_the_window_has_no_table_and_no_right_to_change(model: type[EngineNode]) -> None:
    columns = {str(field.column) for field in model._meta.concrete_fields}

    assert model._meta.managed is False
    assert model._meta.default_permissions == ("view",)
    assert not columns & {"node_key", "disco_key", "key", "hash", "prefix", "secret_hash"}
    # No page of the administration writes what has none.
    assert not admin.site.is_registered(model)


def test_the_window_knows_no_more_of_a_machine_than_this() -> None:
    columns = {str(field.column) for field in EngineNode._meta.concrete_fields}

    assert columns == {
        *("id", "machine_key", "hostname", "given_name", "endpoints", "host_info"),
    }
