"""Rename, expire and delete through the API: what is answered when, and what really happened."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from network.fleet.tests.stage import COUNTER, GATEWAY, OTHER, Stage
from network.headscale.simulator import config, faults
from network.models import HeadscaleCommand, MachineProfile
from network.states import CommandState
from pharmacies.tenancy import platform_context

pytestmark = pytest.mark.django_db(transaction=True)
RENAME = "/api/nodes/2/rename"
ASYNC = {"Prefer": "respond-async"}


def test_rename_answers_the_machine(stage: Stage) -> None:
    response = stage.client.post(RENAME, {"new_name": "gana-till"})

    assert response.status_code == 200
    assert response.json()["data"]["name"] == "gana-till"
    assert response.json()["data"]["node_id"] == COUNTER
    assert response.json()["message"] == "노드 2의 이름을 바꾸었습니다."
    assert stage.names()[COUNTER] == "gana-till"


def test_expire_ends_a_login_now(stage: Stage) -> None:
    response = stage.client.post("/api/nodes/1/expire", {})

    assert response.status_code == 200
    assert response.json()["data"]["status"] == "expired"
    assert response.json()["message"] == "노드 1의 만료를 바꾸었습니다."


def test_expire_takes_a_time(stage: Stage) -> None:
    response = stage.client.post("/api/nodes/1/expire", {"at": "2030-01-02T09:00:00+09:00"})

    assert response.status_code == 200
    assert response.json()["data"]["expires_at"] == "2030-01-02T09:00:00+09:00"
    ends_at = stage.machine(GATEWAY).expires_at
    assert ends_at == datetime(2030, 1, 2, tzinfo=UTC)


def test_expire_takes_never(stage: Stage) -> None:
    config.set_release(stage.config, "0.29.2")
    stage.client.post("/api/nodes/1/expire", {"at": "2030-01-02T09:00:00+09:00"})

    response = stage.client.post("/api/nodes/1/expire", {"never": True})

    assert response.status_code == 200
    assert response.json()["data"]["expires_at"] is None


def test_delete_says_the_fixed_sentence(stage: Stage) -> None:
    response = stage.client.delete("/api/nodes/3/delete")

    assert response.status_code == 200
    assert response.json() == {
        "success": True,
        "data": {"node_id": 3},
        "message": "노드 3가 성공적으로 삭제되었습니다.",
    }
    assert OTHER not in stage.names()
    assert stage.client.get("/api/nodes/3").status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (RENAME, {}, "new_name"),
        (RENAME, {"new_name": ""}, "new_name"),
        (RENAME, {"new_name": None}, "new_name"),
        (RENAME, {"new_name": ["a"]}, "new_name"),
        (RENAME, {"new_name": {"a": 1}}, "new_name"),
        (RENAME, {"new_name": True}, "new_name"),
        (RENAME, {"new_name": "-o"}, "new_name"),
        (RENAME, {"new_name": "--force"}, "new_name"),
        (RENAME, {"new_name": "a"}, "new_name"),
        (RENAME, {"new_name": "A-1"}, "new_name"),
        (RENAME, {"new_name": "한글"}, "new_name"),
        (RENAME, {"new_name": "till-1\n"}, "new_name"),
        (RENAME, {"new_name": "till\0"}, "new_name"),
        (RENAME, {"new_name": "till 1"}, "new_name"),
        (RENAME, {"new_name": "; id"}, "new_name"),
        (RENAME, {"new_name": "x" * 64}, "new_name"),
        (RENAME, {"new_name": "x" * 140_000}, "new_name"),
        (RENAME, {"new_name": "till-1", "node_id": 1}, "node_id"),
        ("/api/nodes/2/expire", {"at": "2030-01-01T09:00:00"}, "at"),
        ("/api/nodes/2/expire", {"at": "tomorrow"}, "at"),
        ("/api/nodes/2/expire", {"at": "2030-01-01T09:00:00Z", "never": True}, "at"),
        ("/api/nodes/2/expire", {"never": "perhaps"}, "never"),
        ("/api/nodes/2/expire", {"when": "now"}, "when"),
    ],
)
def test_wrong_input_names_its_field(stage: Stage, path: str, body: Any, field: str) -> None:
    response = stage.client.post(path, body)

    assert response.status_code == 400
    assert list(response.json()["details"]["fields"]) == [field]
    assert response.json()["success"] is False
    assert stage.commands() == []


def test_a_name_in_use_offers_another(stage: Stage) -> None:
    response = stage.client.post(RENAME, {"new_name": "gana-gateway"})

    assert response.status_code == 409
    assert response.json()["code"] == "machine_name_taken"
    assert response.json()["details"] == {"suggestion": "gana-gateway-2"}
    assert "(가나약국)" in response.json()["error"]


def test_a_preference_is_answered_at_once(stage: Stage) -> None:
    stage.broker.mode = "slow"

    response = stage.client.post(RENAME, {"new_name": "gana-till"}, headers=ASYNC)

    body = response.json()
    assert response.status_code == 202
    assert body["message"] == "접수했습니다"
    assert body["data"]["state"] == "QUEUED"
    assert body["data"]["kind"] == "RENAME_NODE"
    assert response.headers["Location"] == f"/api/commands/{body['data']['id']}"
    assert int(response.headers["Retry-After"]) >= 1
    assert stage.names()[COUNTER] == "gana-counter"


def test_a_busy_lane_is_not_waited_for(stage: Stage) -> None:
    stage.broker.mode = "slow"
    stage.client.post("/api/nodes/1/expire", {})

    response = stage.client.post(RENAME, {"new_name": "gana-till"})

    assert response.status_code == 202
    assert response.json()["data"]["position"] == 1


def test_a_slow_worker_is_not_waited_for_longer_than_set(stage: Stage) -> None:
    stage.broker.mode = "slow"

    response = stage.client.post(RENAME, {"new_name": "gana-till"})
    stage.broker.deliver()

    assert response.status_code == 202
    later = stage.client.get(response.headers["Location"]).json()["data"]
    assert later["state"] == "SUCCEEDED"
    assert later["result"]["name"] == "gana-till"


def test_a_broker_that_is_away_loses_nothing(stage: Stage) -> None:
    stage.broker.mode = "away"

    response = stage.client.post(RENAME, {"new_name": "gana-till"})

    assert response.status_code == 202
    assert response.json()["data"]["state"] == "REQUESTED"


def test_a_server_known_as_slow_is_not_waited_for(stage: Stage) -> None:
    stage.client.post(RENAME, {"new_name": "gana-till"})
    with platform_context():
        HeadscaleCommand.objects.update(seconds=6.5)
    stage.broker.mode = "slow"

    response = stage.client.post(RENAME, {"new_name": "gana-front"})

    assert response.status_code == 202
    assert response.json()["data"]["expected_s"] == 6.5


def test_the_engine_refuses_in_its_own_words(stage: Stage) -> None:
    with platform_context():
        MachineProfile.objects.filter(node_id=GATEWAY).update(name="unknown-to-us")

    response = stage.client.post(RENAME, {"new_name": "gana-gateway"})

    assert response.status_code == 409
    assert response.json()["code"] == "name_taken"
    assert "name" in response.json()["details"]["engine"]
    assert response.json()["error"].endswith("습니다.")


@pytest.mark.parametrize("mode", [faults.DOWN, faults.FROZEN, faults.GARBAGE, faults.EXIT1])
def test_an_engine_that_cannot_be_read_was_sent_nothing(stage: Stage, mode: str) -> None:
    stage.fault(mode)

    response = stage.client.post(RENAME, {"new_name": "gana-till"})

    assert response.status_code == 503
    assert stage.commands()[0].state == CommandState.FAILED
    stage.fault(faults.ENVIRONMENT)
    assert stage.names()[COUNTER] == "gana-counter"


@pytest.mark.parametrize("mode", [faults.APPLY_THEN_HANG, faults.APPLY_THEN_DIE])
def test_an_unknown_outcome_is_no_error(stage: Stage, mode: str) -> None:
    stage.fault(mode, "nodes rename")

    response = stage.client.post(RENAME, {"new_name": "gana-till"})

    assert response.status_code == 202
    assert response.json()["data"]["state"] == "UNKNOWN"


def test_a_machine_that_is_gone_from_the_engine(stage: Stage) -> None:
    stage.client.delete("/api/nodes/2/delete")
    stage.revive(COUNTER)

    response = stage.client.post(RENAME, {"new_name": "gana-till"})

    assert response.status_code == 409
    assert response.json()["code"] == "machine_gone"


def test_several_servers_must_be_told_apart(stage: Stage) -> None:
    stage.second_server()

    for method, path in (("get", "/api/nodes/2"), ("post", RENAME)):
        response = getattr(stage.client, method)(path, {"new_name": "gana-till"})

        assert response.status_code == 409
        assert response.json()["code"] == "server_required"
    assert stage.client.get("/api/nodes/2?server=default").status_code == 200
    assert stage.client.get("/api/nodes/2?server=second").status_code == 404
    assert stage.client.get("/api/nodes/2?server=%00").status_code == 404
