"""Two hundred keys are made; their secrets are told once and stand nowhere else."""

from __future__ import annotations

import json
import logging

import pytest
from django.apps import apps
from django.test import Client

from network.fleet.tests.stage import Stage
from network.headscale.simulator import journal
from network.headscale.simulator.config import load
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person
from pharmacies.tenancy import platform_context

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = 200
PAGES = (
    "/admin/",
    "/admin/network/headscalecommand/",
    "/admin/network/headscalepreauthkey/",
    "/admin/network/headscaleapikey/",
    "/admin/access/auditevent/",
)


@pytest.fixture
def secrets(stage: Stage, caplog: pytest.LogCaptureFixture) -> list[str]:
    """Make keys of machines and of programs, as a program does; return what was told."""
    caplog.set_level(logging.DEBUG)
    made = []
    for number in range(KEYS):
        if number % 4:
            response = stage.client.post(f"/api/pharmacy/{stage.gana.pk}/preauth-key", {})
        else:
            response = stage.client.post("/api/api-keys", {"reason": f"report {number}"})
        assert response.status_code == 200
        made.append(response.json()["data"]["key"])
    stage.read_slowly("PREAUTH_KEYS", "API_KEYS")
    assert len(set(made)) == KEYS
    return made


def stored() -> str:
    """Everything in every table of ours."""
    with platform_context():
        rows = [
            list(model._base_manager.values())
            for model in apps.get_models()
            if model._meta.managed and not model._meta.proxy
        ]
    return json.dumps(rows, default=str, ensure_ascii=False)


def found_in(text: str, secrets: list[str]) -> list[str]:
    return [secret for secret in secrets if secret in text]


def test_they_stand_nowhere(
    stage: Stage, secrets: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    admin = Client()
    admin.force_login(person("reader", Role.ADMINISTRATOR))
    number = stage.commands()[0].pk
    pages = [*PAGES, *(f"/admin/network/headscalecommand/{number + n}/change/" for n in range(20))]
    witness = load(stage.config).journal.read_text("utf-8")

    told = stored()
    assert stage.gana.pharmacy_name in told
    assert found_in(f"{told} {secrets[7]}", secrets) == [secrets[7]]
    assert found_in(told, secrets) == []
    assert found_in(caplog.text, secrets) == []
    assert found_in(repr(stage.broker.__dict__), secrets) == []
    assert found_in(witness, secrets) == []
    for page in pages:
        assert found_in(admin.get(page).content.decode(), secrets) == [], page
    for path in (f"commands/{number}", "preauth-keys?page_size=200", "api-keys?page_size=200"):
        assert found_in(stage.client.get(f"/api/{path}").content.decode(), secrets) == []
    argvs = [entry.argv for entry in journal.read(load(stage.config).journal)]
    assert found_in(repr(argvs), secrets) == []


def test_the_next_asking_tells_no_secret_again(stage: Stage) -> None:
    path = f"/api/pharmacy/{stage.gana.pk}/preauth-key"
    first = stage.client.post(path, {}, headers={"Idempotency-Key": "once"}).json()["data"]["key"]

    again = stage.client.post(path, {}, headers={"Idempotency-Key": "once"})

    assert first not in again.content.decode()
    assert first not in stored()
