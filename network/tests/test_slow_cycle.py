"""The slower cycle: each topic is read as a whole or not at all, and has an age of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from network.headscale.client import HeadscaleClient
from network.headscale.simulator import journal
from network.headscale.simulator.config import create, load
from network.headscale.simulator.faults import DOWN, GARBAGE, Fault, set_faults
from network.headscale.simulator.runner import FakeHeadscale
from network.models import HeadscalePreAuthKey, HeadscaleServer, HeadscaleUser, PolicyVersion
from network.slow_cycle import read_slowly
from pharmacies.tenancy import platform_context

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    return create(tmp_path, release="0.28.0", pharmacies=3)


@pytest.fixture
def client(engine: Path) -> HeadscaleClient:
    return HeadscaleClient(run=FakeHeadscale(engine))


def test_release_and_users_are_stored_with_their_age(client: HeadscaleClient) -> None:
    server = HeadscaleServer.objects.create(slug="slow", name="Slow")

    read = read_slowly(server_id=server.pk, client=client, at=AT, topics=("RELEASE", "USERS"))

    server.refresh_from_db()
    users = HeadscaleUser.objects.filter(server=server, gone_at=None)
    assert read == {"RELEASE": True, "USERS": True}
    assert (server.release, server.series) == ("v0.28.0", "0.28")
    assert sorted(users.values_list("name", flat=True)) == ["p0001", "p0002", "p0003"]
    assert set(users.values_list("confirmed_at", flat=True)) == {AT}


def test_a_silent_engine_changes_nothing(engine: Path, client: HeadscaleClient) -> None:
    server = HeadscaleServer.objects.create(slug="slow", name="Slow")
    read_slowly(server_id=server.pk, client=client, at=AT)
    set_faults(engine, Fault(DOWN))

    read = read_slowly(server_id=server.pk, client=client, at=AT + timedelta(minutes=1))

    # The release is the program's own; everything else needs the server.
    assert {topic for topic, answered in read.items() if answered} == {"RELEASE"}
    assert HeadscaleUser.objects.filter(server=server, gone_at=None, confirmed_at=AT).count() == 3


def test_a_user_that_is_gone_keeps_its_row(client: HeadscaleClient) -> None:
    server = HeadscaleServer.objects.create(slug="slow", name="Slow")
    stranger = HeadscaleUser.objects.create(
        server=server, headscale_user_id=999, name="old", confirmed_at=AT - timedelta(days=1)
    )

    read_slowly(server_id=server.pk, client=client, at=AT)

    stranger.refresh_from_db()
    assert stranger.gone_at == AT


def test_nothing_is_written_to_the_engine_and_the_policy_stays_unread(
    engine: Path, client: HeadscaleClient
) -> None:
    server = HeadscaleServer.objects.create(slug="slow", name="Slow")

    read_slowly(server_id=server.pk, client=client, at=AT)

    entries = journal.read(load(engine).journal)
    assert journal.effects(entries) == []
    assert {entry.verb for entry in entries} == {
        *("version", "health", "users list", "preauthkeys list", "apikeys list", "policy get"),
    }
    assert not PolicyVersion.objects.exists()


def test_each_topic_has_an_age_of_its_own(engine: Path, client: HeadscaleClient) -> None:
    server = HeadscaleServer.objects.create(slug="slow", name="Slow")
    read_slowly(server_id=server.pk, client=client, at=AT)
    set_faults(engine, Fault(GARBAGE, verb="users list", text="???"))

    for minute in (1, 2):
        read_slowly(server_id=server.pk, client=client, at=AT + timedelta(minutes=minute))

    ages = {r.topic: (r.read_at, r.failing_since_at) for r in server.readings.all()}
    later, failing = AT + timedelta(minutes=2), AT + timedelta(minutes=1)
    assert ages == {
        "RELEASE": (later, None),
        "HEALTH": (later, None),
        "USERS": (AT, failing),
        "PREAUTH_KEYS": (later, None),
        "API_KEYS": (later, None),
        "POLICY": (later, None),
    }
    assert server.readings.get(topic="USERS").error_code == "engine_unreadable"


def test_a_topic_that_the_release_lacks_is_not_asked(client: HeadscaleClient) -> None:
    server = HeadscaleServer.objects.create(slug="slow", name="Slow", series="0.26")

    read = read_slowly(server_id=server.pk, client=client, at=AT)

    assert "HEALTH" not in read


def test_keys_are_stored_without_their_secrets(tmp_path: Path) -> None:
    engine = create(tmp_path, release="0.26.1", pharmacies=3)
    client = HeadscaleClient(run=FakeHeadscale(engine), release="0.26")
    server = HeadscaleServer.objects.create(slug="slow", name="Slow", series="0.26")

    read_slowly(server_id=server.pk, client=client, at=AT, topics=("PREAUTH_KEYS",))

    with platform_context():
        keys = list(HeadscalePreAuthKey.objects.order_by("key_id"))
    assert [(key.key_id, key.user_name, key.shown) for key in keys] == [
        (1, "p0001", "***"),
        (2, "p0002", "***"),
        (3, "p0003", "***"),
    ]
