"""``migrate``: as the owner of the tables, with the servers' rows, and never elsewhere."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.commands import migrate
from django.db import connection
from pytest_django import Settings

from farmq.tests.test_env import start


def test_a_foreign_database_is_never_migrated() -> None:
    with pytest.raises(CommandError) as caught:
        call_command("migrate", database="headscale")

    assert caught.value.returncode == 2


def test_the_command_connects_as_the_owner_and_only_for_its_time(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.DATABASE_OWNER_GIVEN = True
    settings.DATABASE_OWNER = {"USER": "farmq_owner"}
    seen: list[str] = []
    user = connection.settings_dict["USER"]
    monkeypatch.setattr(connection, "close", lambda: None)
    monkeypatch.setattr(
        migrate.Command,
        "handle",
        lambda *_args, **_options: seen.append(connection.settings_dict["USER"]),
    )

    call_command("migrate")

    assert seen == ["farmq_owner"]
    assert connection.settings_dict["USER"] == user


def test_migrating_makes_the_row_of_the_server(tmp_path: Path) -> None:
    migrated = start(tmp_path, "manage.py", "migrate", "--no-input", "-v0")

    shown = start(
        tmp_path,
        "manage.py",
        "shell",
        "-v0",
        "-c",
        "from network.models import HeadscaleServer as S; print([s.slug for s in S.objects.all()])",
    )
    assert migrated.returncode == 0, migrated.stderr
    assert shown.stdout.strip().endswith("['default']")


def test_the_database_of_a_test_has_no_server_of_its_own() -> None:
    assert settings.HEADSCALE_SERVERS[0]["slug"] == "default"
