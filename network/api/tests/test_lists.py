"""`GET /api/nodes`: pages, search, order and filters, each with what it must refuse."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from network.fleet.tests.stage import Stage
from network.models import MachineProfile
from pharmacies.tenancy import platform_context


def names(stage: Stage, query: str) -> list[str]:
    answer = stage.client.get(f"/api/nodes?{query}").json()
    return [machine["name"] for machine in answer["data"]]


def fill(stage: Stage, number: int) -> None:
    """Put more machines into the list than a page holds."""
    with platform_context():
        one = stage.machine(4)
        MachineProfile.objects.bulk_create(
            MachineProfile(
                server=one.server,
                node_id=100 + place,
                machine_key=f"mkey:{place}",
                name=f"more-{place:03d}",
                state_since_at=one.state_since_at,
                first_seen_at=one.first_seen_at,
            )
            for place in range(number)
        )


def test_a_machine_has_the_documented_names(stage: Stage) -> None:
    machine = stage.client.get("/api/nodes?search=gana-gateway").json()["data"][0]

    assert "id" not in machine
    assert machine["node_id"] == 1
    assert machine["machine"] == stage.machine(1).pk
    assert machine["status"] == "online"
    assert machine["online"] is True
    assert machine["pharmacy"] == {"pharmacy": stage.gana.pk, "name": "가나약국"}
    assert machine["confirmed_at"].endswith("+09:00")
    assert {"server", "hostname", "role", "expires_at", "addresses", "tags", "os"} <= set(machine)
    assert {"client_version", "last_seen_at"} <= set(machine)


def test_pages_stand_beside_the_data(stage: Stage) -> None:
    answer = stage.client.get("/api/nodes?page=2&page_size=3").json()

    assert answer["success"] is True
    assert [machine["name"] for machine in answer["data"]] == ["stranger"]
    assert answer["pagination"]["count"] == 4
    assert answer["pagination"]["page"] == 2
    assert answer["pagination"]["page_size"] == 3
    assert answer["pagination"]["next"] is None
    assert "page_size=3" in answer["pagination"]["previous"]


@pytest.mark.parametrize("size", ["201", "100000", "9" * 40])
def test_a_page_never_holds_more_than_two_hundred(stage: Stage, size: str) -> None:
    fill(stage, 230)

    answer = stage.client.get(f"/api/nodes?page_size={size}").json()

    assert len(answer["data"]) == 200
    assert answer["pagination"]["page_size"] == 200


@pytest.mark.parametrize("size", ["0", "-1", "x", "", "1.5", "%00"])
def test_a_senseless_page_size_is_the_usual_one(stage: Stage, size: str) -> None:
    answer = stage.client.get(f"/api/nodes?page_size={size}").json()

    assert answer["pagination"]["page_size"] == 50


@pytest.mark.parametrize("page", ["0", "-1", "2", "x", "9" * 40, "%00"])
def test_a_page_that_is_not_there_is_not_found(stage: Stage, page: str) -> None:
    response = stage.client.get(f"/api/nodes?page={page}")

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["gana-counter", "gana-gateway", "nada-counter", "stranger"]),
        ("ordering=-name", ["stranger", "nada-counter", "gana-gateway", "gana-counter"]),
        ("ordering=node_id", ["gana-gateway", "gana-counter", "nada-counter", "stranger"]),
        ("search=gana", ["gana-counter", "gana-gateway"]),
        ("search=counter+나다", ["nada-counter"]),
        ("search=GANA-COUNTER", ["gana-counter"]),
        ("server=default", ["gana-counter", "gana-gateway", "nada-counter", "stranger"]),
        ("server=other", []),
        ("status=online", ["gana-counter", "nada-counter", "stranger"]),
        ("status=offline", ["gana-gateway"]),
        ("status=expired", []),
        ("assigned=true", ["gana-counter", "gana-gateway", "nada-counter"]),
        ("assigned=false", ["stranger"]),
        ("role=gateway", ["gana-gateway"]),
        ("role=none", ["gana-counter", "nada-counter", "stranger"]),
        ("client_version=1.80.2", ["gana-gateway"]),
        ("client_version=1.80", []),
        ("os=LINUX", ["gana-gateway"]),
        ("tag=tag:till", ["gana-gateway"]),
        ("tag=till", []),
        ("tag=%25", []),
        ("expiring=7", ["gana-gateway"]),
        ("expiring=1", []),
    ],
)
def test_filters_search_and_order(stage: Stage, query: str, expected: list[str]) -> None:
    stage.set_online(1, online=False)
    with platform_context():
        MachineProfile.objects.filter(node_id=1).update(
            role="GATEWAY",
            client_version="1.80.2",
            os="linux",
            tags=["tag:till"],
            expires_at=stage.soon(days=3),
        )

    assert names(stage, query) == expected


def test_the_filter_of_a_pharmacy(stage: Stage) -> None:
    assert names(stage, f"pharmacy={stage.nada.pk}") == ["nada-counter"]
    assert names(stage, "pharmacy=999999") == []


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("pharmacy=x", "pharmacy"),
        ("pharmacy=1.5", "pharmacy"),
        ("pharmacy=0", "pharmacy"),
        ("pharmacy=99999999999999999999", "pharmacy"),
        ("pharmacy=1e9", "pharmacy"),
        ("assigned=maybe", "assigned"),
        ("expiring=-1", "expiring"),
        ("expiring=soon", "expiring"),
        ("expiring=999999", "expiring"),
        ("search=%00", "search"),
        ("server=%00", "server"),
        ("tag=%00", "tag"),
        ("status=nowhere", "status"),
        ("role=boss", "role"),
        ("client_version=%00", "client_version"),
        ("ordering=pharmacy__business_number", "ordering"),
        ("ordering=--name", "ordering"),
        ("ordering=", "ordering"),
    ],
)
def test_a_wrong_filter_is_named(stage: Stage, query: str, name: str) -> None:
    response = stage.client.get(f"/api/nodes?{query}")

    body: dict[str, Any] = response.json()
    assert response.status_code == 400
    assert body["code"] == "invalid"
    assert list(body["details"]["fields"]) == [name]


def test_a_list_costs_the_same_however_long(
    stage: Stage, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    fill(stage, 150)

    with django_assert_max_num_queries(7):
        answer = stage.client.get("/api/nodes?page_size=200").json()

    assert len(answer["data"]) == 154
