"""One started system for all scenarios; each begins with everything well."""

from __future__ import annotations

import os
from collections.abc import Iterator

import psycopg2
import pytest

from tests import services_plugin
from tests.commands.stack import Stack


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("commands"), database_url=_fresh_database())
    yield stack
    stack.stop()


@pytest.fixture
def stack(started: Stack) -> Iterator[Stack]:
    started.heal()
    yield started
    started.heal()


def _fresh_database() -> str:
    """A new database on the PostgreSQL of the test run, if it has one; else SQLite's default."""
    address = os.environ.get("FARMQ_TEST_DATABASE_URL", "")
    if services_plugin.KIND != "postgresql" or not address:
        return ""
    folder = address.rsplit("host=", 1)[1]
    name = f"commands_{os.getpid()}"
    connection = psycopg2.connect(host=folder, user="postgres")
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE {name}")
    connection.close()
    return address.replace("/postgres?", f"/{name}?")
