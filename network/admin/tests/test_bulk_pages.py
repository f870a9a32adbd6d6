"""Many machines at once in the administration: chosen on the list, looked at, started, braked."""

from __future__ import annotations

import html

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from network.fleet.tests.stage import COUNTER, GATEWAY, OTHER, Stage
from network.looks import COMMAND_LOOKS
from network.models import BulkJob, MachineProfile
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person
from pharmacies.tenancy import platform_context

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/admin/network/machineprofile/"
ORDER = f"{LIST}bulk/"


@pytest.fixture
def operator(stage: Stage) -> Client:
    client = Client()
    client.force_login(person("operator", Role.OPERATOR))
    return client


def numbers(stage: Stage, *nodes: int) -> str:
    return ",".join(str(stage.machine(node).pk) for node in nodes)


def chosen(stage: Stage, action: str, *nodes: int) -> dict[str, object]:
    picked = [stage.machine(node).pk for node in nodes]
    return {"action": action, "_selected_action": picked, "index": 0}


def the_job() -> BulkJob:
    with platform_context():
        return BulkJob.objects.get()


def test_what_would_happen_is_shown_before(stage: Stage, operator: Client) -> None:
    page = operator.post(LIST, chosen(stage, "bulk_rename", GATEWAY, COUNTER)).content.decode()

    assert "추천 이름 붙이기: 머신 2대" in page
    assert "gana-counter" in page
    assert f"p{stage.gana.pk:04d}-gana-counter-1" in page
    assert stage.commands() == []


def test_a_name_that_follows_the_rules_stays(stage: Stage, operator: Client) -> None:
    place = f"p{stage.gana.pk:04d}"
    with platform_context():
        MachineProfile.objects.filter(node_id=GATEWAY).update(hostname="접수", name="zzz")
        MachineProfile.objects.filter(node_id=COUNTER).update(hostname="조제", name=f"{place}-pc-1")

    page = operator.post(LIST, chosen(stage, "bulk_rename", GATEWAY, COUNTER)).content.decode()

    assert f"<td>{place}-pc-2</td>" in page.replace("\n", "").replace("  ", "")
    assert "zzz" in page
    assert f"{place}-pc-3" not in page


def test_a_job_is_started_and_every_machine_has_a_result(stage: Stage, operator: Client) -> None:
    machines = numbers(stage, GATEWAY, COUNTER)

    started = operator.post(ORDER, {"action": "bulk_expire", "machines": machines, "go": "1"})
    stage.carry_on()
    page = operator.get(started.headers["Location"]).content.decode()

    assert [command.state for command in stage.commands()] == ["SUCCEEDED"] * 2
    assert "끝남" in page
    assert "2 / 2" in page
    assert page.count(str(COMMAND_LOOKS["SUCCEEDED"].word)) >= 2


def test_tags_are_asked_for_first(stage: Stage, operator: Client) -> None:
    page = operator.post(LIST, chosen(stage, "bulk_tag", GATEWAY)).content.decode()

    assert 'name="add"' in page
    assert "붙이거나 뗄 태그를 적어 주십시오." in page


def test_a_running_job_can_be_paused_resumed_and_stopped(stage: Stage, operator: Client) -> None:
    values = {
        "action": "bulk_expire",
        "machines": numbers(stage, GATEWAY, COUNTER),
        "pace_s": "60",
        "go": "1",
    }
    here = operator.post(ORDER, values).headers["Location"].removesuffix("change/")

    for action, state in (("pause", "PAUSED"), ("resume", "RUNNING"), ("stop", "STOPPED")):
        assert operator.post(f"{here}{action}/").status_code == 302
        assert the_job().state == state
    assert operator.post(f"{here}stop/").status_code == 404 or the_job().state == "STOPPED"


def test_another_companys_machine_spoils_the_order(stage: Stage) -> None:
    client = Client()
    client.force_login(person("gana-op", Role.OPERATOR, "GANA"))
    machines = numbers(stage, GATEWAY, OTHER)

    answer = client.post(ORDER, {"action": "bulk_expire", "machines": machines, "go": "1"})

    assert answer.status_code == 404
    assert stage.commands() == []


def test_who_may_only_read_is_offered_nothing(stage: Stage) -> None:
    client = Client()
    client.force_login(person("viewer", Role.VIEWER))

    assert "bulk_delete" not in client.get(LIST).content.decode()
    values = {"action": "bulk_delete", "machines": numbers(stage, GATEWAY), "go": "1"}
    assert client.post(ORDER, values).status_code == 403


@pytest.mark.parametrize("machines", ["", "x", "1,,2", "-1", "1" * 19, "１"])
def test_nonsense_is_refused_in_words(stage: Stage, operator: Client, machines: str) -> None:
    answer = operator.post(ORDER, {"action": "bulk_expire", "machines": machines, "go": "1"})

    assert answer.status_code == 302
    assert [str(message) for message in get_messages(answer.wsgi_request)]
    assert stage.commands() == []


def test_what_failed_says_why_in_our_words_and_the_engines(stage: Stage, operator: Client) -> None:
    order = {"action": "bulk_tag", "machines": numbers(stage, GATEWAY), "add": "tag:nobodys"}

    started = operator.post(ORDER, order | {"go": "1"})
    stage.carry_on()
    page = operator.get(started.headers["Location"]).content.decode()

    (command,) = stage.commands()
    assert command.engine in html.unescape(page)
    assert "tag:nobodys" in command.engine
    assert f"/headscalecommand/{command.pk}/change/" in page
    assert f'<span class="chip chip-{COMMAND_LOOKS["FAILED"].state}' in page
