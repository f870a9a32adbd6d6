"""`POST /api/pharmacy/<id>/preauth-key`: the key once, and never again anywhere."""

from __future__ import annotations

from typing import Any

import pytest

from network.fleet.tests.stage import LOGIN_URL, Stage
from network.headscale.client import HeadscaleClient
from network.models import HeadscaleCommand, PharmacyLink
from pharmacies.access.models import AuditEvent, IdempotencyRecord
from pharmacies.models import Pharmacy
from pharmacies.tenancy import platform_context

pytestmark = pytest.mark.django_db(transaction=True)


def order(stage: Stage, body: Any = None, **headers: str) -> Any:
    path = f"/api/pharmacy/{stage.gana.pk}/preauth-key"
    return stage.client.post(path, body or {}, headers=headers)


def test_the_key_is_handed_over_once(stage: Stage) -> None:
    response = order(stage)

    data = response.json()["data"]
    assert response.status_code == 200
    assert set(data) == {"key", "id", "expires_at", "login_url", "command"}
    assert data["command"] == f"tailscale up --login-server={LOGIN_URL} --authkey={data['key']}"
    assert data["login_url"] == LOGIN_URL
    assert "no-store" in response.headers["Cache-Control"]


def test_the_key_is_of_the_pharmacys_user(stage: Stage) -> None:
    number = order(stage).json()["data"]["id"]

    keys = {key.id: key for key in HeadscaleClient(("headscale",), stage.engine).preauth_keys()}

    user = keys[number].user
    assert user is not None
    assert user.name == "gana"
    assert keys[number].reusable is False


def test_a_pharmacy_without_user_gets_one_first(stage: Stage) -> None:
    with platform_context():
        fresh = Pharmacy(company_id="NADA", pharmacy_name="새 약국")
        fresh.save()

    response = stage.client.post(f"/api/pharmacy/{fresh.pk}/preauth-key", {})

    assert response.status_code == 200
    assert [command.kind for command in stage.commands()] == ["CREATE_USER", "CREATE_PREAUTH_KEY"]
    with platform_context():
        link = PharmacyLink.objects.get(pharmacy=fresh)
    assert link.headscale_user_name == f"p{fresh.pk:04d}"


def test_everything_can_be_ordered(stage: Stage) -> None:
    body = {
        "reusable": True,
        "reason": "점포 이전",
        "ephemeral": True,
        "expires_in": "90d",
        "tags": ["tag:till"],
    }

    assert order(stage, body).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"reusable": True}, "reason"),
        ({"reusable": True, "reason": "  "}, "reason"),
        ({"expires_in": "91d"}, "expires_in"),
        ({"expires_in": "24"}, "expires_in"),
        ({"expires_in": "24h\n"}, "expires_in"),
        ({"expires_in": "-1h"}, "expires_in"),
        ({"tags": ["till"]}, "tags"),
        ({"tags": ["tag:a,tag:b"]}, "tags"),
        ({"tags": "tag:a"}, "tags"),
        ({"tags": ["tag:a"] * 21}, "tags"),
        ({"user": 2}, "user"),
        ({"company_code": "NADA"}, "company_code"),
    ],
)
def test_wrong_orders_name_their_field(stage: Stage, body: dict[str, Any], field: str) -> None:
    response = order(stage, body)

    assert response.status_code == 400
    assert list(response.json()["details"]["fields"]) == [field]
    assert stage.commands() == []


@pytest.mark.parametrize("text", ["0", "01", "１", "-1", "x", "999999", "9" * 30])
def test_a_pharmacy_that_is_not_there(stage: Stage, text: str) -> None:
    response = stage.client.post(f"/api/pharmacy/{text}/preauth-key", {})

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


def test_a_later_key_comes_with_a_token(stage: Stage) -> None:
    stage.broker.mode = "slow"

    response = order(stage, Prefer="respond-async")

    data = response.json()["data"]
    assert response.status_code == 202
    assert "key" not in data
    assert len(data["retrieval_token"]) == 44


def test_a_key_leaves_no_trace(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")

    key = order(stage, **{"Idempotency-Key": "one"}).json()["data"]["key"]

    secret = key.removeprefix("hskey-auth-").rsplit("-", 1)[-1]
    with platform_context():
        tables = (HeadscaleCommand, AuditEvent, IdempotencyRecord)
        rows = [str(row) for table in tables for row in table.objects.values()]
    logged = [str(vars(record)) for record in caplog.records]
    assert len(secret) > 20
    assert not [text for text in (*rows, *logged) if secret in text]


def test_an_order_is_recorded(stage: Stage) -> None:
    order(stage, {"reusable": True, "reason": "점포 이전"})

    with platform_context():
        events = AuditEvent.objects.filter(action="command.create_preauth_key")
        (event,) = events
    assert event.company_code == "GANA"
    assert event.target_label == "가나약국"
    assert event.details["reason"] == "점포 이전"
