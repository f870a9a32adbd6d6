"""What holds when many ask at the same moment."""

from __future__ import annotations

from typing import Any

import pytest

from network.fleet.tests.stage import Stage
from network.fleet.tests.threads import at_once, shared_database
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person, program, token_of

__all__ = ["shared_database"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("shared_database"),
]
ASKERS = 50


@pytest.fixture
def token(shared_database: None, stage: Stage) -> str:
    stage.broker.mode = "slow"
    return token_of(person("many", Role.OPERATOR))


def test_one_key_makes_one_command(stage: Stage, token: str) -> None:
    headers = {"Idempotency-Key": "one"}

    def ask(_place: int) -> Any:
        body = {"new_name": "gana-till"}
        return program(token).post("/api/nodes/2/rename", body, headers=headers)

    answers = at_once(ASKERS, ask)

    assert len(stage.commands()) == 1
    assert {answer.status_code for answer in answers} <= {202, 409}
    assert {a.json()["code"] for a in answers if a.status_code == 409} <= {
        "idempotency_in_progress"
    }
    assert 202 in {answer.status_code for answer in answers}


def test_one_secret_is_handed_to_one(stage: Stage, token: str) -> None:
    client = program(token)
    path = f"/api/pharmacy/{stage.gana.pk}/preauth-key"
    ordered = client.post(path, {}, headers={"Prefer": "respond-async"})
    stage.broker.deliver()
    headers = {"FARMQ-Retrieval-Token": ordered.json()["data"]["retrieval_token"]}

    def fetch(_place: int) -> int:
        response: Any = program(token).post(
            f"{ordered.headers['Location']}/secret", headers=headers
        )
        return int(response.status_code)

    statuses = at_once(20, fetch)

    assert sorted(statuses) == [200] + [409] * 19
