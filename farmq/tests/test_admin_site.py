"""The frame of the administration and its first page: what must be seen, and what it costs."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from network.fleet.tests.stage import GATEWAY, OTHER, Stage
from network.models import HeadscaleServer, MachineProfile
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import person
from pharmacies.tenancy import platform_context

STATS = [
    *("online", "offline", "expired", "unknown", "total"),
    *(f"pharmacies_{one}" for one in ("ok", "partial", "down", "unknown", "inactive")),
]


@pytest.fixture
def viewer(stage: Stage) -> Client:
    client = Client()
    client.force_login(person("viewer", Role.VIEWER))
    return client


def change(node_id: int, **values: object) -> None:
    with platform_context():
        MachineProfile.objects.filter(node_id=node_id).update(**values)


def stat(page: str, name: str) -> int:
    found = re.search(rf'data-stat="{name}">(\d+)<', page)
    assert found is not None, name
    return int(found[1])


def test_every_number_is_the_api_s(stage: Stage, viewer: Client) -> None:
    change(GATEWAY, online=False)
    change(OTHER, expires_at=stage.soon(hours=-1))

    page = viewer.get("/admin/").content.decode()
    data = viewer.get("/api/dashboard/stats").json()["data"]

    for name in STATS:
        assert stat(page, name) == data.get(f"{name}_machines", data.get(name)), name


def test_every_number_leads_to_the_list_it_counts(stage: Stage, viewer: Client) -> None:
    change(GATEWAY, online=False)
    change(OTHER, expires_at=stage.soon(hours=-1))
    page = viewer.get("/admin/").content.decode()

    cards = re.findall(r'href="([^"]+)">\s*<span class="count-value">\s*<span[^>]*>(\d+)<', page)

    assert len(cards) == 9
    for url, number in cards:
        listed = viewer.get(url.replace("&amp;", "&")).content.decode()
        rows = listed.count('class="chip chip-') - listed.count("sample")
        assert rows == int(number), url


def test_the_first_page_costs_little(
    stage: Stage, viewer: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(12):
        assert viewer.get("/admin/").status_code == 200


def test_the_simulated_engine_is_named_on_every_page(
    stage: Stage, viewer: Client, settings: Settings
) -> None:
    settings.FARMQ_SIMULATED = True

    for path in ("", "network/machineprofile/", "pharmacies/pharmacy/", "blocks/"):
        assert "모의 엔진입니다." in viewer.get(f"/admin/{path}").content.decode()
    assert "모의 엔진입니다." in Client().get("/admin/login/").content.decode()


def test_a_silent_engine_is_named_on_every_page(stage: Stage, viewer: Client) -> None:
    HeadscaleServer.objects.update(confirmed_at=stage.soon(minutes=-5))

    page = viewer.get("/admin/network/machineprofile/").content.decode()

    assert "네트워크 엔진이 응답하지 않습니다." in page
    assert "머신이 꺼졌다는 뜻은 아닙니다." in page


def test_nobody_without_a_right_sees_a_number(stage: Stage) -> None:
    client = Client()
    client.force_login(person("roleless"))

    response = client.get("/admin/")

    assert response.status_code == 200
    assert "data-stat" not in response.content.decode()


@pytest.mark.parametrize(
    ("role", "place"), [(Role.VIEWER, "/admin/"), (Role.PHARMACY_USER, "/screens/")]
)
def test_the_front_door_leads_everyone_home(stage: Stage, role: Role, place: str) -> None:
    client = Client()
    client.force_login(person("someone", role, "GANA"))

    assert client.get("/").headers["Location"] == place
    assert Client().get("/").headers["Location"].endswith("login/?next=/")


def test_every_block_is_shown_in_all_its_states(stage: Stage, viewer: Client) -> None:
    page = viewer.get("/admin/blocks/").content.decode()

    for state in ("ok", "part", "down", "closed", "unknown", "planned", "ended"):
        assert f"chip-{state}" in page
    for part in ("toast-success", "toast-failure", "banner-blind", "timeline", "dialog", "empty"):
        assert part in page
