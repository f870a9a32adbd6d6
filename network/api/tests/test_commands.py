"""Commands through the API: looking, taking back, and a secret that is fetched once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.test import APIClient

from network import executor
from network.fleet.tests.stage import Stage
from network.models import HeadscaleCommand
from pharmacies.access.models import AuditEvent
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person, program, token_of
from pharmacies.tenancy import platform_context

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = "FARMQ-Retrieval-Token"


def order_key(stage: Stage) -> tuple[str, str]:
    """Ask for a key without waiting; returns the command's address and the retrieval token."""
    stage.broker.mode = "slow"
    path = f"/api/pharmacy/{stage.gana.pk}/preauth-key"
    answer = stage.client.post(path, {}, headers={"Prefer": "respond-async"})
    return answer.headers["Location"], answer.json()["data"]["retrieval_token"]


def test_a_failed_command_is_answered_like_any_other(stage: Stage) -> None:
    stage.fault("down")
    stage.client.post("/api/nodes/2/rename", {"new_name": "gana-till"})

    response = stage.client.get(f"/api/commands/{stage.commands()[0].pk}")

    data = response.json()["data"]
    assert response.status_code == 200
    assert (data["state"], data["kind"], data["target"]) == (
        "FAILED",
        "RENAME_NODE",
        "gana-counter",
    )
    assert data["error"]["code"] == "engine_unreachable"
    assert set(data) == {
        *(
            "id",
            "kind",
            "state",
            "server",
            "machine",
            "target",
            "position",
            "expected_s",
            "result",
            "error",
        ),
        *("requested_by", "requested_at", "started_at", "finished_at", "seconds"),
    }


def test_what_waits_can_be_taken_back(stage: Stage) -> None:
    stage.broker.mode = "slow"
    stage.client.post("/api/nodes/2/rename", {"new_name": "gana-till"})
    path = f"/api/commands/{stage.commands()[0].pk}"

    response = stage.client.post(f"{path}/cancel")
    stage.broker.deliver()

    assert response.status_code == 200
    assert response.json()["data"]["state"] == "CANCELLED"
    assert response.json()["message"] == "취소했습니다."
    assert stage.names()[2] == "gana-counter"


def test_what_is_done_cannot_be_taken_back(stage: Stage) -> None:
    stage.client.post("/api/nodes/2/rename", {"new_name": "gana-till"})

    response = stage.client.post(f"/api/commands/{stage.commands()[0].pk}/cancel")

    assert response.status_code == 409
    assert response.json()["code"] == "command_not_waiting"


def test_a_secret_is_fetched_once(stage: Stage) -> None:
    path, token = order_key(stage)
    stage.broker.deliver()

    first = stage.client.post(f"{path}/secret", headers={TOKEN: token})
    second = stage.client.post(f"{path}/secret", headers={TOKEN: token})

    assert first.status_code == 200
    assert first.json()["data"]["key"].startswith("hskey-auth-")
    assert {"id", "expires_at", "login_url", "command"} <= set(first.json()["data"])
    assert "no-store" in first.headers["Cache-Control"]
    assert second.status_code == 409
    assert second.json()["code"] == "secret_shown_once"


def test_a_secret_is_not_there_before_it_is_made(stage: Stage) -> None:
    path, token = order_key(stage)

    response = stage.client.post(f"{path}/secret", headers={TOKEN: token})

    assert response.status_code == 409
    assert response.json()["code"] == "secret_not_ready"


@pytest.mark.parametrize("token", ["", "x", "A" * 43 + "=", "한글", "_" * 4000, "\x00"])
def test_a_wrong_token_opens_nothing(stage: Stage, token: str) -> None:
    path, right = order_key(stage)
    stage.broker.deliver()

    wrong = stage.client.post(f"{path}/secret", HTTP_FARMQ_RETRIEVAL_TOKEN=token)

    assert wrong.status_code == 409
    assert wrong.json()["code"] == "wrong_token"
    assert stage.client.post(f"{path}/secret", headers={TOKEN: right}).status_code == 200


def test_a_secret_lives_ten_minutes(stage: Stage) -> None:
    path, token = order_key(stage)
    stage.broker.deliver()
    later = datetime.now(UTC) + timedelta(minutes=10, seconds=1)

    executor.sweep(clock=lambda: later)

    response = stage.client.post(f"{path}/secret", headers={TOKEN: token})
    assert response.status_code == 409
    assert response.json()["code"] == "secret_shown_once"


def test_a_rename_has_no_secret(stage: Stage) -> None:
    stage.client.post("/api/nodes/2/rename", {"new_name": "gana-till"})

    path = f"/api/commands/{stage.commands()[0].pk}/secret"
    response = stage.client.post(path, headers={TOKEN: "x"})

    assert response.status_code == 409


def test_no_row_holds_the_secret_or_its_token(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    path, token = order_key(stage)
    stage.broker.deliver()

    key = stage.client.post(f"{path}/secret", headers={TOKEN: token}).json()["data"]["key"]

    with platform_context():
        rows = [str(row) for row in HeadscaleCommand.objects.values()]
        rows += [str(row) for row in AuditEvent.objects.values()]
    logged = [str(vars(record)) for record in caplog.records]
    pages = [stage.client.get(path).content.decode()]
    secret = key.removeprefix("hskey-auth-").rsplit("-", 1)[-1]
    assert not [text for text in (*rows, *logged, *pages) if secret in text or token in text]


def asking(name: str, *scopes: str) -> APIClient:
    """A program of an administrator whose token has these scopes alone."""
    return program(token_of(person(name, Role.ADMINISTRATOR), scopes))


def test_the_secret_of_an_api_key_is_fetched_by_who_may_make_one(stage: Stage) -> None:
    stage.broker.mode = "slow"
    made = stage.client.post("/api/api-keys", {"reason": "report"})
    stage.broker.deliver()
    header = {"FARMQ-Retrieval-Token": made.json()["data"]["retrieval_token"]}
    path = f"{made['Location']}/secret"
    wrong = asking("wrong", "keys:create").post(path, headers=header)
    fetched = asking("right", "apikeys:write").post(path, headers=header)

    assert wrong.status_code == 403
    assert set(fetched.json()["data"]) >= {"key", "id", "expires_at"}
    assert "command" not in fetched.json()["data"]
