"""The users of one pharmacy, and no others."""

from __future__ import annotations

import pytest

from network.fleet.tests.stage import Stage

pytestmark = pytest.mark.django_db(transaction=True)


def names(stage: Stage, pharmacy_id: int) -> list[str]:
    data = stage.client.get(f"/api/pharmacy/{pharmacy_id}/users").json()["data"]
    return [user["name"] for user in data]


def test_each_pharmacy_has_its_own(stage: Stage) -> None:
    stage.read_slowly("USERS")

    assert names(stage, stage.gana.pk) == ["gana"]
    assert names(stage, stage.nada.pk) == ["nada"]


def test_a_user_of_the_same_name_on_another_server_is_not_theirs(stage: Stage) -> None:
    stage.read_slowly("USERS")
    stage.second_server()

    assert names(stage, stage.gana.pk) == ["gana"]


@pytest.mark.parametrize("pharmacy_id", ["0", "999999", "x", "01"])
def test_no_such_pharmacy(stage: Stage, pharmacy_id: str) -> None:
    assert stage.client.get(f"/api/pharmacy/{pharmacy_id}/users").status_code == 404
