"""`/healthz` and `/readyz`: alive without asking anybody, ready with every part named."""

from __future__ import annotations

import pytest
from django.db import DatabaseError
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from farmq import health
from network.fleet.tests.stage import Stage
from network.models import HeadscaleServer


def test_alive_asks_nobody(
    db: None, client: Client, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    with django_assert_num_queries(0):
        response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert "no-store" in response.headers["Cache-Control"]


def test_ready_names_every_part(stage: Stage, client: Client) -> None:
    response = client.get("/readyz")

    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "checks": {"database": "ok", "broker": "ok", "migrations": "ok", "sync": "ok"},
    }


def test_a_broker_that_is_away(stage: Stage, client: Client, settings: Settings) -> None:
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/0"

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["broker"] == "broker does not answer"
    assert response.json()["checks"]["database"] == "ok"
    assert "secret" not in response.content.decode()


@pytest.mark.parametrize("seconds", [-61, None])
def test_an_old_picture(stage: Stage, client: Client, seconds: int | None) -> None:
    at = None if seconds is None else stage.soon(seconds=seconds)
    HeadscaleServer.objects.update(confirmed_at=at)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["sync"] == "no recent synchronisation: default"


def test_a_picture_of_the_last_minute_is_ready(stage: Stage, client: Client) -> None:
    HeadscaleServer.objects.update(confirmed_at=stage.soon(seconds=-55))

    assert client.get("/readyz").status_code == 200


def test_migrations_that_wait(
    stage: Stage, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = "django.db.migrations.executor.MigrationExecutor.migration_plan"
    monkeypatch.setattr(plan, lambda *_args: ["one"])

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["migrations"] == "migrations are waiting"


def test_a_database_that_is_away_says_nothing_else(
    client: Client, monkeypatch: pytest.MonkeyPatch, db: None
) -> None:
    def fail() -> None:
        raise DatabaseError("password authentication failed for user farmq")

    monkeypatch.setitem(health.CHECKS, "database", fail)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json()["checks"]["database"] == "database error"
    assert "farmq" not in response.content.decode()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_only_looking_is_allowed(client: Client, path: str, db: None) -> None:
    assert client.post(path).status_code == 405
    assert client.head(path).status_code in (200, 503)
