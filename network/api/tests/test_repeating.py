"""Idempotency-Key: a request that comes twice is done once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from network.fleet.tests.stage import Stage
from pharmacies.access.models import IdempotencyRecord
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person, program, token_of

pytestmark = pytest.mark.django_db(transaction=True)
KEY = {"Idempotency-Key": "one"}


def rename(stage: Stage, name: str = "gana-till") -> Any:
    path = "/api/nodes/2/rename"
    return stage.client.post(path, {"new_name": name}, headers=KEY)


def test_the_same_request_is_done_once(stage: Stage) -> None:
    first, second = rename(stage), rename(stage)

    assert (first.status_code, second.status_code) == (200, 200)
    assert second.json()["data"]["name"] == "gana-till"
    assert len(stage.commands()) == 1


def test_a_repeated_request_shows_the_present_state(stage: Stage) -> None:
    stage.broker.mode = "slow"
    first = rename(stage)

    stage.broker.deliver()
    second = rename(stage)

    assert (first.status_code, second.status_code) == (202, 200)
    assert len(stage.commands()) == 1


def test_a_repeated_deletion_is_told_again(stage: Stage) -> None:
    first = stage.client.delete("/api/nodes/3/delete", headers=KEY)

    second = stage.client.delete("/api/nodes/3/delete", headers=KEY)

    assert second.status_code == 200
    assert second.json() == first.json()


def test_another_body_is_refused(stage: Stage) -> None:
    rename(stage)

    response = rename(stage, "gana-front")

    assert response.status_code == 422
    assert response.json()["code"] == "idempotency_key_reused"
    assert len(stage.commands()) == 1


def test_a_key_belongs_to_its_route(stage: Stage) -> None:
    rename(stage)

    response = stage.client.post("/api/nodes/1/rename", {"new_name": "gana-door"}, headers=KEY)

    assert response.status_code == 200
    assert len(stage.commands()) == 2


def test_a_key_belongs_to_its_person(stage: Stage) -> None:
    rename(stage)
    other = program(token_of(person("other", Role.OPERATOR)))

    response = other.post("/api/nodes/2/rename", {"new_name": "gana-front"}, headers=KEY)

    assert response.status_code == 200
    assert len(stage.commands()) == 2


@pytest.mark.parametrize("key", ["", "x" * 201, "열쇠", "a\tb", "a\x00"])
def test_a_senseless_key_is_refused(stage: Stage, key: str) -> None:
    response = stage.client.post(
        "/api/nodes/2/rename", {"new_name": "gana-till"}, HTTP_IDEMPOTENCY_KEY=key
    )

    assert response.status_code == 400
    assert response.json()["code"] == "idempotency_key_invalid"
    assert stage.commands() == []


@pytest.mark.parametrize("body", [{"new_name": "-o"}, {"new_name": "gana-gateway"}, {}])
def test_a_refused_request_leaves_its_key_free(stage: Stage, body: dict[str, str]) -> None:
    stage.client.post("/api/nodes/2/rename", body, headers=KEY)

    response = rename(stage)

    assert response.status_code == 200


def test_nothing_is_kept_of_what_was_not_sent(stage: Stage) -> None:
    stage.fault("down")
    first = rename(stage)
    stage.fault("environment")

    second = rename(stage)

    assert (first.status_code, second.status_code) == (503, 200)
    assert stage.names()[2] == "gana-till"


def test_a_cancelled_change_stays_cancelled(stage: Stage) -> None:
    stage.broker.mode = "slow"
    rename(stage)
    stage.client.post(f"/api/commands/{stage.commands()[0].pk}/cancel")

    response = rename(stage)

    assert response.status_code == 409
    assert response.json()["code"] == "command_cancelled"
    assert len(stage.commands()) == 1


def test_a_request_in_progress_is_not_started_again(stage: Stage) -> None:
    rename(stage)
    IdempotencyRecord.objects.update(command_id=None)

    response = rename(stage)

    assert response.status_code == 409
    assert response.json()["code"] == "idempotency_in_progress"


def test_a_key_is_forgotten_after_a_day(stage: Stage) -> None:
    rename(stage)
    IdempotencyRecord.objects.update(created_at=datetime.now(UTC) - timedelta(hours=24, seconds=1))

    response = rename(stage, "gana-front")

    assert response.status_code == 200
    assert len(stage.commands()) == 2


def test_a_repeated_order_never_shows_the_key_again(stage: Stage) -> None:
    path = f"/api/pharmacy/{stage.gana.pk}/preauth-key"
    first = stage.client.post(path, {}, headers=KEY)

    second = stage.client.post(path, {}, headers=KEY)

    assert first.json()["data"]["key"].startswith("hskey-auth-")
    assert second.status_code == 200
    assert second.json()["data"]["secret"] == "secret_shown_once"
    assert first.json()["data"]["key"] not in second.content.decode()
    assert len(stage.commands()) == 1


def test_facts_are_registered_once(stage: Stage) -> None:
    values = {"company_code": "GANA", "pharmacy_name": "다라약국"}

    first = stage.client.post("/api/pharmacies", values, headers=KEY)
    second = stage.client.post("/api/pharmacies", values, headers=KEY)
    gone = f"/api/pharmacies/{first.json()['data']['id']}"
    deleted = [stage.client.delete(gone, headers=KEY) for _ in range(2)]

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert [answer.status_code for answer in deleted] == [200, 200]
    assert stage.client.get("/api/pharmacies").json()["pagination"]["count"] == 2
