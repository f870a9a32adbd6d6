"""The slower cycle: release and users of the engine, read as a whole or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from network.headscale.client import HeadscaleClient
from network.headscale.simulator import journal
from network.headscale.simulator.config import create, load
from network.headscale.simulator.faults import DOWN, Fault, set_faults
from network.headscale.simulator.runner import FakeHeadscale
from network.models import HeadscaleServer, HeadscaleUser
from network.slow_cycle import read_slowly

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

    answered = read_slowly(server_id=server.pk, client=client, at=AT)

    server.refresh_from_db()
    users = HeadscaleUser.objects.filter(server=server, gone_at=None)
    assert answered
    assert server.release == "v0.28.0"
    assert sorted(users.values_list("name", flat=True)) == ["p0001", "p0002", "p0003"]
    assert set(users.values_list("confirmed_at", flat=True)) == {AT}


def test_a_silent_engine_changes_nothing(engine: Path, client: HeadscaleClient) -> None:
    server = HeadscaleServer.objects.create(slug="slow", name="Slow")
    read_slowly(server_id=server.pk, client=client, at=AT)
    set_faults(engine, Fault(DOWN))

    answered = read_slowly(server_id=server.pk, client=client, at=AT + timedelta(minutes=1))

    assert not answered
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
    assert {entry.verb for entry in entries} <= {"version", "users list"}
