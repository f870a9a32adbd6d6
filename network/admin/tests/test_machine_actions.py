"""The buttons of a machine: asked on a page, done by a plain form or by a script, and told."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from network.fleet.tests.stage import COUNTER, GATEWAY, STRANGER, Stage
from pharmacies.access.models import AuditEvent
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person
from pharmacies.tenancy import platform_context

pytestmark = pytest.mark.django_db(transaction=True)
JSON = {"Accept": "application/json"}
ENGINE_AWAY = "네트워크 엔진이 응답하지 않습니다. 머신이 꺼졌다는 뜻은 아닙니다."


@pytest.fixture
def operator(stage: Stage) -> Client:
    client = Client()
    client.force_login(person("operator", Role.OPERATOR))
    return client


def url(stage: Stage, action: str, node_id: int = COUNTER) -> str:
    return f"/admin/network/machineprofile/{stage.machine(node_id).pk}/{action}/"


def told(response: Any) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_the_fixed_question_before_a_deletion(stage: Stage, operator: Client) -> None:
    page = operator.get(url(stage, "remove")).content.decode()

    question = (
        "정말로 머신 &quot;gana-counter&quot;를 삭제하시겠습니까?"
        "<br><br>삭제된 항목은 복구할 수 없습니다."
    )
    assert question in page
    assert '<form method="post"' in page
    assert "csrfmiddlewaretoken" in page


def test_the_question_stands_on_the_machines_page_too(stage: Stage, operator: Client) -> None:
    page = operator.get(url(stage, "change")).content.decode()

    assert "정말로 머신 &quot;gana-counter&quot;를 삭제하시겠습니까?<br><br>" in page
    assert "이 PC는 다시 로그인할 때까지 네트워크에 연결할 수 없습니다." in page


def test_asking_changes_nothing(stage: Stage, operator: Client) -> None:
    for action in ("rename", "expire", "remove", "assign"):
        assert operator.get(url(stage, action)).status_code == 200

    assert stage.commands() == []


def test_a_plain_form_renames(stage: Stage, operator: Client) -> None:
    response = operator.post(url(stage, "rename"), {"new_name": "gana-till"})

    assert response.status_code == 302
    assert response.headers["Location"] == url(stage, "change")
    assert told(response) == ["이름을 바꾸었습니다."]
    assert stage.names()[COUNTER] == "gana-till"


def test_a_plain_form_expires(stage: Stage, operator: Client) -> None:
    response = operator.post(url(stage, "expire"))

    assert told(response) == ["만료시켰습니다."]
    assert stage.client.get("/api/nodes/2").json()["data"]["status"] == "expired"


def test_a_plain_form_deletes_and_leaves(stage: Stage, operator: Client) -> None:
    response = operator.post(url(stage, "remove"))

    assert response.headers["Location"] == "/admin/network/machineprofile/"
    assert told(response) == ["삭제했습니다."]
    assert COUNTER not in stage.names()


def test_a_plain_form_assigns(stage: Stage, operator: Client) -> None:
    response = operator.post(url(stage, "assign", STRANGER), {"pharmacy": stage.nada.pk})

    assert told(response) == ["배정을 바꾸었습니다."]
    assert stage.machine(STRANGER).pharmacy == stage.nada
    assert stage.machine(STRANGER).company_code == "NADA"


def test_a_script_is_told_in_json(stage: Stage, operator: Client) -> None:
    response = operator.post(url(stage, "rename"), {"new_name": "gana-till"}, headers=JSON)

    body = response.json()
    assert (body["level"], body["message"]) == ("success", "이름을 바꾸었습니다.")
    assert body["url"] == f"/admin/network/headscalecommand/{stage.commands()[0].pk}/change/"
    assert (body["follow"], body["leave"]) == ("", "")


def test_a_script_that_deleted_is_led_away(stage: Stage, operator: Client) -> None:
    body = operator.post(url(stage, "remove"), headers=JSON).json()

    assert (body["level"], body["leave"]) == ("success", "/admin/network/machineprofile/")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("", "필수"),
        ("-o", "머신 이름은 영문 소문자"),
        ("x" * 64, "63"),
        ("gana-gateway", "이미 쓰고 있는 이름입니다: gana-gateway (가나약국). 예: gana-gateway-2"),
    ],
)
def test_a_refusal_is_a_sentence(stage: Stage, operator: Client, name: str, sentence: str) -> None:
    body = operator.post(url(stage, "rename"), {"new_name": name}, headers=JSON).json()
    plain = operator.post(url(stage, "rename"), {"new_name": name})

    assert body["level"] == "failure"
    assert sentence in body["message"]
    assert sentence in told(plain)[0]
    assert stage.commands() == []


def test_an_engine_that_is_away_is_told(stage: Stage, operator: Client) -> None:
    stage.fault("down")

    body = operator.post(url(stage, "rename"), {"new_name": "gana-till"}, headers=JSON).json()

    assert (body["level"], body["message"]) == ("failure", ENGINE_AWAY)


def test_a_change_that_waits_can_be_followed(stage: Stage, operator: Client) -> None:
    stage.broker.mode = "slow"

    body = operator.post(url(stage, "rename"), {"new_name": "gana-till"}, headers=JSON).json()
    stage.broker.deliver()

    assert body["level"] == "notice"
    assert body["message"].startswith("접수했습니다")
    assert body["done"] == "이름을 바꾸었습니다."
    assert operator.get(body["follow"]).json()["data"]["state"] == "SUCCEEDED"


def test_an_unknown_outcome_asks_for_patience(stage: Stage, operator: Client) -> None:
    stage.fault("apply_then_hang", "nodes rename")

    body = operator.post(url(stage, "rename"), {"new_name": "gana-till"}, headers=JSON).json()

    assert body["level"] == "notice"
    assert "다시 누르지 않으셔도 됩니다." in body["message"]


@pytest.mark.parametrize("action", ["rename", "expire", "remove", "assign"])
@pytest.mark.parametrize(
    ("role", "company", "status"),
    [(Role.VIEWER, None, 403), (Role.OPERATOR, "NADA", 404), (None, None, 403)],
)
def test_who_may_not(
    stage: Stage, action: str, role: Role | None, company: str | None, status: int
) -> None:
    client = Client()
    client.force_login(person("other", role, company))

    response = client.post(url(stage, action), {"new_name": "gana-till"})

    assert response.status_code == status
    assert stage.commands() == []


def test_a_viewer_sees_no_buttons(stage: Stage) -> None:
    client = Client()
    client.force_login(person("viewer", Role.VIEWER))

    page = client.get(url(stage, "change")).content.decode()

    assert "detail-bar" not in page
    assert "<dialog" not in page


def test_a_form_needs_its_token(stage: Stage) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(person("operator", Role.OPERATOR))

    assert client.post(url(stage, "remove")).status_code == 403
    assert stage.commands() == []


def test_every_press_is_recorded(stage: Stage, operator: Client) -> None:
    operator.post(url(stage, "expire", GATEWAY))

    with platform_context():
        event = AuditEvent.objects.get(action="command.expire_node")
    assert event.actor_label == "user:operator"
    assert (event.company_code, event.target_label) == ("GANA", "gana-gateway")


class TestCommands:
    def test_one_shows_what_was_said_without_secrets(self, stage: Stage, operator: Client) -> None:
        path = f"/api/pharmacy/{stage.gana.pk}/preauth-key"
        key = stage.client.post(path, {}).json()["data"]["key"]
        command = stage.commands()[0]

        page = operator.get(f"/admin/network/headscalecommand/{command.pk}/change/")

        html = page.content.decode()
        assert page.status_code == 200
        assert "preauthkeys create" in html
        assert key not in html
        assert key.rsplit("-", 1)[-1] not in html

    @pytest.mark.parametrize("action", ["change", "delete"])
    def test_none_can_be_changed(self, stage: Stage, action: str) -> None:
        admin = Client()
        admin.force_login(person("admin", Role.ADMINISTRATOR))
        stage.client.post("/api/nodes/2/rename", {"new_name": "gana-till"})
        command = stage.commands()[0]

        response = admin.post(
            f"/admin/network/headscalecommand/{command.pk}/{action}/",
            {"state": "FAILED", "post": "yes"},
        )

        assert response.status_code == 403
        assert [one.state for one in stage.commands()] == ["SUCCEEDED"]

    def test_the_list_can_be_searched(self, stage: Stage, operator: Client) -> None:
        stage.client.post("/api/nodes/2/rename", {"new_name": "gana-till"})

        found = operator.get("/admin/network/headscalecommand/?q=gana-counter").content.decode()
        missed = operator.get("/admin/network/headscalecommand/?q=nothing").content.decode()

        assert "이름 바꾸기" in found
        assert "gana-counter" not in missed.split("<tbody", 1)[-1]
