"""A file and a PostgreSQL of an engine, opened as the settings open them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest

from network.headscale_db.tests import engines

ALIAS = "headscale"
SECOND = "headscale_second"
READER = "farmq_reader"


@dataclass(frozen=True, slots=True)
class EnginePostgres:
    """A PostgreSQL of an engine: who owns it, who may read it, and how it looks inside."""

    owner: str
    reader: str

    def dump(self) -> list[tuple[object, ...]]:
        """Everything of it: relations, columns, rights, functions, and each row of `nodes`."""
        with closing(psycopg2.connect(self.owner)) as opened, opened.cursor() as cursor:
            found: list[tuple[object, ...]] = []
            for question in _EVERYTHING:
                cursor.execute(question)
                found += cursor.fetchall()
        return found


_EVERYTHING = (
    """
    SELECT oid, relname, relkind, relowner, relacl::text, relfilenode, obj_description(oid)
    FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY oid
    """,
    """
    SELECT attrelid, attnum, attname, atttypid, attacl::text FROM pg_attribute
    JOIN pg_class ON attrelid = pg_class.oid AND relnamespace = 'public'::regnamespace
    ORDER BY 1, 2
    """,
    "SELECT oid, nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg_%' ORDER BY oid",
    "SELECT count(*) FROM pg_proc",
    "SELECT count(*) FROM pg_largeobject_metadata",
    # Roles are of the whole server, where the other workers make and drop theirs.
    f"""
    SELECT rolname, rolsuper FROM pg_roles WHERE rolname !~ '^{READER}_'
    OR rolname ~ ('^{READER}_' || replace(current_database(), 'engine_', '') || '(_stranger)?$')
    ORDER BY 1
    """,  # noqa: S608  # a constant of this module
    "SELECT t::text FROM nodes t ORDER BY 1",
    "SELECT t::text FROM users t ORDER BY 1",
    "SELECT t::text FROM policies t ORDER BY 1",
    "SELECT t::text FROM migrations t ORDER BY 1",
)


@pytest.fixture
def second(tmp_path: Path, db: None) -> Iterator[Path]:
    """A place for the file of another engine, known under an alias of its own."""
    path = tmp_path / "second" / "db.sqlite"
    path.parent.mkdir()
    engines.attach(SECOND, f"sqlite:///{path}")
    yield path
    engines.detach(SECOND)


@pytest.fixture(scope="session")
def engine_postgres() -> Iterator[EnginePostgres | None]:
    """A database of its own in the PostgreSQL of the tests; None in a run on SQLite."""
    if not engines.is_postgres():
        yield None
        return
    server = os.environ["FARMQ_TEST_DATABASE_URL"]
    place = urlsplit(server).query
    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    name, role = f"engine_{worker}", f"{READER}_{worker}"
    stranger = f"{role}_stranger"
    _as_owner(
        server, f"CREATE DATABASE {name}", *(f"CREATE ROLE {one} LOGIN" for one in (role, stranger))
    )
    made = EnginePostgres(
        f"postgres://postgres@/{name}?{place}", f"postgres://{role}@/{name}?{place}"
    )
    engines.make_postgres(made.owner, "0.29")
    _as_owner(
        made.owner,
        "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
    )
    yield made
    _as_owner(server, f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {role}, {stranger}")


def _as_owner(address: str, *statements: str) -> None:
    with closing(psycopg2.connect(address)) as opened:
        opened.autocommit = True
        with opened.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
