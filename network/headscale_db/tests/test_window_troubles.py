"""Whatever is wrong with a foreign database is one error with one of five reasons."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from django.db import OperationalError, connections
from django.utils import translation

from network.headscale_db import checks
from network.headscale_db.failures import Reason, WindowUnavailableError, reason_of
from network.headscale_db.sqlite.base import Rest
from network.headscale_db.tests import engines
from network.headscale_db.tests.conftest import ALIAS, SECOND, EnginePostgres
from network.headscale_db.window import Window

READS: dict[str, Callable[[Window], object]] = {
    "machines": lambda window: window.machine_details(),
    "policies": lambda window: window.policy_history(5),
    "schema": lambda window: window.schema(),
}
NOBODY = 65534


def changed(path: Path, *statements: str) -> None:
    """An engine's file after these statements of somebody else."""
    engines.make_file(path, "0.29", log="DELETE")
    with closing(sqlite3.connect(path)) as opened, opened:
        for statement in statements:
            opened.execute(statement)


def truncated(path: Path) -> None:
    engines.make_file(path, "0.29", log="DELETE")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 3])


def folder(path: Path) -> None:
    path.mkdir()


def leading_nowhere(path: Path) -> None:
    path.symlink_to(path.with_name("gone"))


TROUBLES: dict[str, tuple[Callable[[Path], object], Reason]] = {
    "no file": (lambda _path: None, "absent"),
    "no folder": (lambda path: path.parent.rmdir(), "absent"),
    "a link to nowhere": (leading_nowhere, "absent"),
    "a folder": (folder, "unreadable"),
    "text": (lambda path: path.write_text("hello " * 1000), "unreadable"),
    "a third of it": (truncated, "unreadable"),
    "empty": (lambda path: path.write_bytes(b""), "unknown_shape"),
    "tables of somebody else": (
        lambda path: sqlite3.connect(path).execute("CREATE TABLE nodes (id, machine_key)").close(),
        "unknown_shape",
    ),
    "no numbers": (
        lambda path: changed(
            path,
            *("ALTER TABLE nodes RENAME COLUMN id TO number",),
            *("ALTER TABLE policies RENAME COLUMN id TO number",),
            *("ALTER TABLE migrations RENAME COLUMN id TO number",),
        ),
        "unknown_shape",
    ),
    "tables renamed": (
        lambda path: changed(path, "ALTER TABLE nodes RENAME TO nodes_old"),
        "migrating",
    ),
    "tables copied": (
        lambda path: changed(path, "CREATE TABLE users_old AS SELECT * FROM users"),
        "migrating",
    ),
    "a table gone": (lambda path: changed(path, "DROP TABLE policies"), "migrating"),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
@pytest.mark.parametrize(("make", "reason"), TROUBLES.values(), ids=TROUBLES)
def test_trouble_has_its_reason(
    second: Path, make: Callable[[Path], object], reason: Reason, read: Callable[[Window], object]
) -> None:
    make(second)

    with pytest.raises(WindowUnavailableError) as caught:
        read(Window(SECOND))

    assert caught.value.reason == reason
    assert connections[SECOND].connection is None


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_file_that_somebody_holds_is_locked(
    second: Path, read: Callable[[Window], object]
) -> None:
    engines.make_file(second, "0.29", log="DELETE")
    connections[SECOND].settings_dict["OPTIONS"]["timeout"] = 0.01

    with closing(sqlite3.connect(second)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        with pytest.raises(WindowUnavailableError) as caught:
            read(Window(SECOND))

    assert caught.value.reason == "locked"
    read(Window(SECOND))


def test_a_locked_file_is_not_waited_for_longer_than_two_seconds(second: Path) -> None:
    assert connections[SECOND].settings_dict["OPTIONS"]["timeout"] == 2
    assert connections[SECOND].settings_dict["CONN_MAX_AGE"] == 0


def test_a_live_server_shows_what_it_has_committed(second: Path) -> None:
    engines.make_file(second, "0.29")

    with closing(sqlite3.connect(second)) as server:
        server.execute("UPDATE nodes SET machine_key = 'mkey:new' WHERE id = 2")
        server.commit()
        found = Window(SECOND).machine_details()

    assert found[2].machine_key == "mkey:new"


def test_an_unknown_alias_is_absent() -> None:
    with pytest.raises(WindowUnavailableError) as caught:
        Window("headscale_nowhere").schema()

    assert caught.value.reason == "absent"


@pytest.mark.parametrize("reason", ["absent", "locked", "migrating", "unknown_shape", "unreadable"])
def test_every_reason_has_a_sentence_in_both_languages(reason: Reason) -> None:
    error = WindowUnavailableError(reason)

    korean = error.sentence
    with translation.override("en"):
        english = error.sentence

    assert korean.endswith(".")
    assert english.isascii()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OperationalError("no such column: nodes.host_info"), "migrating"),
        (OperationalError("no such table: nodes"), "migrating"),
        (OperationalError("database schema has changed"), "migrating"),
        (OperationalError("database table is locked"), "locked"),
        (OperationalError("disk I/O error"), "unreadable"),
        (OperationalError('FATAL:  database "headscale" does not exist'), "absent"),
        (OperationalError('connection to server failed: FATAL: role "x"'), "unreadable"),
        (OperationalError("connection failed: Connection refused"), "absent"),
        (FileNotFoundError(2, "gone"), "absent"),
        (PermissionError(13, "closed"), "unreadable"),
        (ValueError("year -1 is out of range"), "unreadable"),
    ],
)
def test_words_of_a_database_become_a_reason(error: Exception, reason: Reason) -> None:
    assert reason_of(error) == reason


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("42P01", "migrating"),
        ("42703", "migrating"),
        ("55P03", "locked"),
        ("57014", "locked"),
        ("42501", "unreadable"),
    ],
)
def test_codes_of_postgresql_become_a_reason(code: str, reason: Reason) -> None:
    class CauseError(Exception):
        pgcode = code

    error = OperationalError("…")
    error.__cause__ = CauseError()

    assert reason_of(error) == reason


# A server at rest, in a folder where we may not write.


@pytest.fixture
def resting() -> Iterator[Path]:
    """A file with a write-ahead log whose server has stopped, in a folder that anyone may enter."""
    place = Path(tempfile.mkdtemp(prefix="farmq-engine-"))
    path = engines.make_file(place / "db.sqlite", "0.29")
    path.chmod(0o644)
    place.chmod(0o555)
    engines.attach(SECOND, f"sqlite:///{path}")
    yield path
    engines.detach(SECOND)
    place.chmod(0o755)
    shutil.rmtree(place)


@contextmanager
def without_rights() -> Iterator[None]:
    """Root may write everywhere; these lines run as somebody who may not."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.django_db
def test_a_stopped_server_is_read_without_making_files(resting: Path) -> None:
    before = sorted(one.name for one in resting.parent.iterdir())

    with without_rights():
        found = Window(SECOND).machine_details()

    assert found[2].os == "linux"
    assert sorted(one.name for one in resting.parent.iterdir()) == before == ["db.sqlite"]


@pytest.mark.django_db
@pytest.mark.parametrize("ending", ["-wal", "-journal"])
def test_a_log_beside_the_file_forbids_reading_past_it(resting: Path, ending: str) -> None:
    resting.parent.chmod(0o755)
    beside = Path(f"{resting}{ending}")
    # A log that can be seen and not be read: nobody knows what stands in it.
    beside.write_bytes(b"x" * 4096)
    beside.chmod(0o000)
    resting.parent.chmod(0o555)

    with without_rights(), pytest.raises(WindowUnavailableError) as caught:
        Window(SECOND).machine_details()

    assert caught.value.reason == "unreadable"


@pytest.mark.django_db
def test_what_was_read_while_the_server_started_is_not_believed(
    resting: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Rest, "lasts", lambda _rest: False)

    with without_rights(), pytest.raises(WindowUnavailableError) as caught:
        Window(SECOND).machine_details()

    assert caught.value.reason == "locked"


@pytest.mark.parametrize(
    "wake",
    [
        lambda path: Path(f"{path}-wal").touch(),
        lambda path: Path(f"{path}-journal").touch(),
        lambda path: path.write_bytes(b"longer"),
        lambda path: os.utime(path, ns=(1, 1)),
        lambda path: path.unlink(),
    ],
)
def test_a_file_at_rest_is_woken(tmp_path: Path, wake: Callable[[Path], object]) -> None:
    path = tmp_path / "db.sqlite"
    path.write_bytes(b"x")
    rest = Rest.of(path)
    assert rest is not None
    assert rest.lasts()

    wake(path)

    assert not rest.lasts()


def test_where_we_may_write_a_file_is_not_read_as_immutable(second: Path) -> None:
    engines.make_file(second, "0.29")
    wrapper: Any = connections[SECOND]

    wrapper.ensure_connection()

    assert wrapper.rest is None
    assert stat.S_IMODE(second.stat().st_mode)


# PostgreSQL.


@pytest.fixture
def server(db: None, engine_postgres: EnginePostgres | None) -> Iterator[EnginePostgres | None]:
    if engine_postgres is None:
        yield None
        return
    engines.attach(ALIAS, engine_postgres.reader)
    yield engine_postgres
    engines.detach(ALIAS)


def test_a_table_that_the_engine_holds_is_locked(server: EnginePostgres | None) -> None:
    if server is None:
        return
    options = connections[ALIAS].settings_dict["OPTIONS"]
    assert "-c statement_timeout=2s" in options["options"]
    options["options"] = options["options"].replace("lock_timeout=1000ms", "lock_timeout=10ms")

    with closing(psycopg2.connect(server.owner)) as holder, holder.cursor() as cursor:
        cursor.execute("LOCK TABLE nodes IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(WindowUnavailableError) as caught:
            Window(ALIAS).machine_details()

    assert caught.value.reason == "locked"


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("NAME", "no_such_database", "absent"),
        ("host", "/nonexistent", "absent"),
        ("USER", "no_such_role", "unreadable"),
        ("USER", "READER_stranger", "unreadable"),
    ],
)
def test_a_server_that_does_not_let_us_in(
    server: EnginePostgres | None, name: str, value: str, reason: Reason
) -> None:
    if server is None:
        return
    settings_dict = connections[ALIAS].settings_dict
    where = settings_dict["OPTIONS"] if name == "host" else settings_dict
    where[name] = value.replace("READER", str(settings_dict["USER"]))

    with pytest.raises(WindowUnavailableError) as caught:
        Window(ALIAS).machine_details()

    assert caught.value.reason == reason


def test_a_role_that_may_write_is_warned_of(server: EnginePostgres | None, second: Path) -> None:
    engines.make_file(second, "0.29")
    assert checks.check_roles(databases=[SECOND]) == []
    if server is None:
        return
    as_reader = checks.check_roles(databases=["default", ALIAS])

    connections[ALIAS].settings_dict["USER"] = "postgres"

    assert as_reader == []
    assert [one.id for one in checks.check_roles(databases=[ALIAS])] == ["headscale_db.W001"]
    assert checks.check_roles(databases=None) == []


@pytest.mark.parametrize(
    "right",
    [
        "INSERT ON nodes",
        "UPDATE (hostname) ON nodes",
        "TRUNCATE ON users",
        "CREATE ON SCHEMA public",
    ],
)
def test_each_right_to_write_is_found(server: EnginePostgres | None, right: str) -> None:
    if server is None:
        return
    role = str(connections[ALIAS].settings_dict["USER"])
    with closing(psycopg2.connect(server.owner)) as opened:
        opened.autocommit = True
        opened.cursor().execute(f"GRANT {right} TO {role}")

        found = checks.check_roles(databases=[ALIAS])

        opened.cursor().execute(f"REVOKE {right} FROM {role}")
    assert [one.id for one in found] == ["headscale_db.W001"]
    assert checks.check_roles(databases=[ALIAS]) == []


def test_a_database_that_cannot_be_asked_is_warned_of(second: Path) -> None:
    found = checks.check_roles(databases=[SECOND])

    assert [one.id for one in found] == ["headscale_db.W002"]
