"""The rarer buttons of a machine: end of its login, quarantine, swap, another owner."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from network.fleet.tests.stage import COUNTER, GATEWAY, OTHER, STRANGER, Stage
from network.headscale.simulator import config
from network.models import HeadscaleServer, HeadscaleUser
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operator(stage: Stage) -> Client:
    client = Client()
    client.force_login(person("operator", Role.OPERATOR))
    return client


def url(stage: Stage, action: str, node_id: int = COUNTER) -> str:
    return f"/admin/network/machineprofile/{stage.machine(node_id).pk}/{action}/"


def become(stage: Stage, release: str) -> None:
    """Exchange the engine for another release."""
    config.set_release(stage.config, release)
    series = ".".join(release.split(".")[:2])
    HeadscaleServer.objects.update(release=release, series=series)


def told(response: object) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]  # type: ignore[attr-defined]  # of the test client


def test_quarantine_and_back(stage: Stage, operator: Client) -> None:
    operator.post(url(stage, "quarantine"))
    stage.set_online(COUNTER, False)
    page = operator.get(url(stage, "change")).content.decode()
    assert "격리됨" in page
    assert f'href="{url(stage, "release")}"' in page

    assert told(operator.post(url(stage, "release")))[-1] == "격리를 풀었습니다."
    assert stage.machine(COUNTER).parked_at is None


def test_a_login_ends_at_a_time_or_never(stage: Stage, operator: Client) -> None:
    become(stage, "0.29.2")

    operator.post(url(stage, "expiry"), {"ends_at": "2030-01-02T09:00"})
    assert str(stage.machine(COUNTER).expires_at) == "2030-01-02 00:00:00+00:00"
    operator.post(url(stage, "expiry"), {"never": "on"})
    assert stage.machine(COUNTER).expires_at is None


def test_never_is_refused_where_the_release_has_no_never(stage: Stage, operator: Client) -> None:
    become(stage, "0.28.0")

    page = operator.post(url(stage, "expiry"), {"never": "on"}).content.decode()

    assert "‘만료 없음’은 엔진 0.29부터 됩니다." in page
    assert 'name="never"' in page


def test_a_stranger_takes_the_place_of_a_silent_machine(stage: Stage, operator: Client) -> None:
    stage.set_online(COUNTER, False)
    form = operator.get(url(stage, "swap")).content.decode()
    assert "stranger" in form
    assert "nada-counter" not in form

    operator.post(url(stage, "swap"), {"new_machine": stage.machine(STRANGER).pk})

    names = stage.names()
    assert (names[COUNTER], names[STRANGER]) == ("gana-counter-old", "gana-counter")
    page = operator.get(url(stage, "change", STRANGER)).content.decode()
    assert "앞선 머신" in page
    assert "gana-counter-old" in page


def test_a_machine_that_is_not_offered_is_refused(stage: Stage, operator: Client) -> None:
    stage.set_online(COUNTER, False)

    operator.post(url(stage, "swap"), {"new_machine": stage.machine(OTHER).pk})

    assert stage.commands() == []


def test_a_machine_moves_where_the_release_can(stage: Stage, operator: Client) -> None:
    stage.read_slowly("USERS")
    become(stage, "0.28.0")
    page = operator.get(url(stage, "change")).content.decode()
    assert "0.27까지만 됩니다." in page
    assert stage.commands() == []

    become(stage, "0.27.1")
    user = next(pk for pk, name in users() if name == "nada")
    operator.post(url(stage, "move"), {"user": user})
    assert [command.state for command in stage.commands()] == ["SUCCEEDED"]


def users() -> list[tuple[int, str]]:
    return list(HeadscaleUser.objects.values_list("pk", "name"))


def test_an_online_machine_offers_no_swap(stage: Stage, operator: Client) -> None:
    assert operator.post(url(stage, "swap", GATEWAY)).status_code == 403
