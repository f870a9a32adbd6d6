"""`/metrics`: figures for the machine itself or for a token, for nobody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from network.fleet.tests.stage import GATEWAY, Stage
from network.models import MachineProfile
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person, program, token_of
from pharmacies.tenancy import platform_context

AWAY = "203.0.113.9"


def figures(response: Any) -> dict[str, float]:
    lines = response.content.decode().splitlines()
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_the_state_of_the_network(stage: Stage) -> None:
    with platform_context():
        MachineProfile.objects.filter(node_id=GATEWAY).update(online=False)
    stage.client.get("/api/nodes")

    found = figures(Client().get("/metrics"))

    assert found['farmq_machines{status="online"}'] == 3
    assert found['farmq_machines{status="offline"}'] == 1
    assert found['farmq_sync_age_seconds{server="default"}'] >= 0
    assert found['farmq_requests_total{method="GET",status="200"}'] >= 1
    assert found['farmq_request_seconds_count{method="GET"}'] >= 1


@pytest.mark.django_db(transaction=True)
def test_commands_are_counted(stage: Stage) -> None:
    stage.client.post("/api/nodes/2/rename", {"new_name": "gana-till"})

    assert figures(Client().get("/metrics"))['farmq_commands{state="succeeded"}'] == 1


@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": AWAY},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": AWAY},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": f"for={AWAY}"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_REAL_IP": AWAY},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_VIA": "1.1 front"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"},
        {"REMOTE_ADDR": AWAY, "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"REMOTE_ADDR": AWAY, "HTTP_AUTHORIZATION": "Token nothing"},
        {"REMOTE_ADDR": "not an address"},
        {"REMOTE_ADDR": ""},
    ],
)
def test_others_are_turned_away(stage: Stage, environ: Any) -> None:
    response = Client().get("/metrics", **environ)

    assert response.status_code == 403
    assert b"farmq_" not in response.content


@pytest.mark.parametrize(("scope", "status"), [("metrics:read", 200), ("machines:read", 403)])
def test_a_token_opens_it_from_afar(stage: Stage, scope: str, status: int) -> None:
    client = program(token_of(person("prometheus", Role.VIEWER), [scope]))

    assert client.get("/metrics", REMOTE_ADDR=AWAY).status_code == status


def test_strange_methods_make_no_new_series(stage: Stage) -> None:
    Client().generic("SPLORK", "/healthz")

    found = figures(Client().get("/metrics"))

    assert not [name for name in found if "SPLORK" in name]
    assert [name for name in found if 'method="other"' in name]
