"""Settings that are wrong together are found by the system checks."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from farmq import addresses, checks
from farmq.tests.test_env import start


def test_the_defaults_hold() -> None:
    assert checks.check_times() == []
    assert checks.check_waiting() == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FARMQ_CHANGE_TIMEOUT", 600),
        ("FARMQ_READ_TIMEOUT", 600),
        ("CELERY_TASK_SOFT_TIME_LIMIT", 100),
        ("CELERY_TASK_TIME_LIMIT", 100),
        ("FARMQ_LEASE_S", 100),
        ("FARMQ_LEASE_S", 1000),
        ("FARMQ_VISIBILITY_S", 100),
    ],
)
def test_times_that_contradict_each_other_are_found(
    settings: Settings, name: str, value: int
) -> None:
    setattr(settings, name, value)

    found = checks.check_times()

    assert {message.id for message in found} == {"farmq.E001"}
    assert name in str(found[0].msg)


def test_a_wait_longer_than_the_web_server_allows_is_found(settings: Settings) -> None:
    settings.FARMQ_WAIT_S = 60

    assert [message.id for message in checks.check_waiting()] == ["farmq.E002"]


@pytest.mark.parametrize(
    ("own", "foreign", "same"),
    [
        ("sqlite:////srv/db.sqlite", "sqlite:////srv/db.sqlite", True),
        ("sqlite:////srv/a%20b.sqlite", "sqlite:////srv/x/../a%20b.sqlite", True),
        ("sqlite:////srv/ours.sqlite", "sqlite:////srv/db.sqlite", False),
        ("postgres://a@engine/headscale", "postgres://b@engine:5432/headscale", True),
        ("postgres://a@/headscale?host=/run", "postgres://b@/headscale?host=/run", True),
        ("postgres://a@engine/farmq", "postgres://b@engine/headscale", False),
        ("postgres://a@engine/headscale", "postgres://b@other/headscale", False),
        ("sqlite:////srv/db.sqlite", "postgres://b@engine/headscale", False),
    ],
)
def test_our_tables_are_made_in_no_database_of_an_engine(
    monkeypatch: pytest.MonkeyPatch, own: str, foreign: str, same: bool
) -> None:
    monkeypatch.setenv("DATABASE_URL", own)
    databases = {
        "default": addresses.own("DATABASE_URL", ""),
        "headscale_seoul": addresses.foreign("database_url", foreign),
    }

    assert checks.same_as_ours(databases) == ["headscale_seoul"] * same


def test_a_start_on_the_database_of_the_engine_is_refused(tmp_path: Path) -> None:
    same = f"sqlite:///{tmp_path / 'db.sqlite'}"

    started = start(
        tmp_path, "manage.py", "migrate", "-v0", DATABASE_URL=same, HEADSCALE_DATABASE_URL=same
    )

    assert started.returncode == 1
    assert "farmq.E003" in started.stderr
    with closing(sqlite3.connect(tmp_path / "db.sqlite")) as opened:
        assert opened.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_the_checks_are_registered(settings: Settings) -> None:
    settings.FARMQ_LEASE_S = 1

    assert "farmq.E001" in {message.id for message in run_checks()}
