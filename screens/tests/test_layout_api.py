"""`layout-v1` answers the rows and the merged settings of the company of the caller."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from pharmacies.access.actor import Actor
from pharmacies.access.operations import create_token
from pharmacies.access.roles import Role
from screens.demo import SPLIT_ID
from screens.models import ScreenLayout
from screens.operations import store_overrides
from screens.registry import URL_PREFIX
from screens.tests.conftest import LATER, member

pytestmark = pytest.mark.usefixtures("demo_screens")

ADDRESS = "/api/screen-management/screens/1383/layout-v1"


def layout(client: Client, query: str = "") -> dict[str, Any]:
    response = client.get(ADDRESS + query)
    assert response.status_code == 200
    body: dict[str, Any] = response.json()
    assert body["success"] is True
    data: dict[str, Any] = body["data"]
    return data


def component(data: dict[str, Any], component_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        one for one in data["components"] if one["component_id"] == component_id
    )
    return found


def test_rows_come_as_stored_with_the_merged_settings_beside(pharmacist: Client) -> None:
    data = layout(pharmacist)

    split = component(data, SPLIT_ID)
    assert split["custom_config"] == {"splitRatio": 50}
    assert split["settings"] == {"splitRatio": 50, "resizable": True, "minSize": 100}
    left = component(data, f"{SPLIT_ID}_left")
    assert left["slot"] == left["custom_config"]["slot"] == "left"
    assert left["parent_id"] == SPLIT_ID
    assert left["settings"]["dataSource"] == {
        "limit": 50,
        "where": {},
        "orderBy": ["-ordered_date"],
    }


def test_the_order_is_that_of_the_page(pharmacist: Client) -> None:
    data = layout(pharmacist)

    assert [one["component_id"] for one in data["components"]] == [
        SPLIT_ID,
        f"{SPLIT_ID}_left",
        f"{SPLIT_ID}_right",
        "comp_save_1383",
    ]
    assert data["company_code"] == "GANA"


def test_what_the_caller_has_is_not_sent_again(pharmacist: Client) -> None:
    etag = pharmacist.get(ADDRESS).headers["ETag"]

    again = pharmacist.get(ADDRESS, headers={"If-None-Match": etag})
    weak = pharmacist.get(ADDRESS, headers={"If-None-Match": f"W/{etag}"})

    assert again.status_code == weak.status_code == 304
    assert again.content == b""


def test_a_change_gives_another_etag(pharmacist: Client, actor: Actor) -> None:
    before = pharmacist.get(ADDRESS).headers["ETag"]

    store_overrides(
        actor=actor,
        at=LATER,
        company_code="GANA",
        screen_id="1383",
        component_id=SPLIT_ID,
        settings={"splitRatio": 60},
    )

    after = pharmacist.get(ADDRESS, headers={"If-None-Match": before})
    assert after.status_code == 200
    assert after.headers["ETag"] != before


def test_a_change_of_another_company_is_not_noticed(pharmacist: Client, actor: Actor) -> None:
    before = pharmacist.get(ADDRESS).headers["ETag"]

    store_overrides(
        actor=actor,
        at=LATER,
        company_code="NADA",
        screen_id="1383",
        component_id=SPLIT_ID,
        settings={"splitRatio": 60},
    )

    assert pharmacist.get(ADDRESS).headers["ETag"] == before


def test_unknown_keys_and_components_are_kept_and_reported(pharmacist: Client) -> None:
    rows = ScreenLayout.objects.for_company("GANA")
    rows.filter(component_id=SPLIT_ID).update(custom_config={"future": 1})
    rows.filter(component_id="comp_save_1383").update(component_url=URL_PREFIX + "gone")

    data = layout(pharmacist)

    assert component(data, SPLIT_ID)["unknown"] == {"future": 1}
    assert "future" not in component(data, SPLIT_ID)["settings"]
    gone = component(data, "comp_save_1383")
    assert gone["settings"] is None
    assert gone["custom_config"]["text"] == "저장"
    assert {(one["code"], one["component_id"]) for one in data["findings"]} == {
        ("unknown_settings", SPLIT_ID),
        ("unknown_component", "comp_save_1383"),
    }


@pytest.mark.parametrize(
    "address",
    [ADDRESS + "?company=NADA", ADDRESS + "?company=NOBODY", ADDRESS.replace("1383", "1")],
)
def test_what_is_not_the_callers_is_not_found(pharmacist: Client, address: str) -> None:
    response = pharmacist.get(address)

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


def test_staff_name_a_company(staff: Client) -> None:
    assert staff.get(ADDRESS).status_code == 404
    assert layout(staff, "?company=DARA")["company_code"] == "DARA"


def test_nobody_reads_without_signing_in() -> None:
    response = Client().get(ADDRESS)

    assert response.status_code == 401
    assert response.json()["success"] is False


@pytest.mark.parametrize(
    ("scope", "company_code", "query", "status"),
    [
        ("screens:read", "GANA", "", 200),
        ("screens:read", "GANA", "?company=NADA", 404),
        ("screens:read", None, "?company=NADA", 200),
        ("machines:read", "GANA", "", 403),
    ],
)
def test_a_token_reads_within_its_scope_and_company(
    actor: Actor, scope: str, company_code: str | None, query: str, status: int
) -> None:
    secret = create_token(
        actor=actor,
        at=timezone.now(),
        user=member(None, Role.ADMINISTRATOR, "robot"),
        name="screens",
        scopes=[scope],
        days=1,
        company_code=company_code,
    )

    response = Client().get(ADDRESS + query, headers={"Authorization": f"Token {secret}"})

    assert response.status_code == status


def test_the_address_only_answers_reads(staff: Client) -> None:
    assert staff.post(ADDRESS).status_code == 405
