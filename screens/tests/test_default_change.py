"""What the room is for: a changed default reaches every screen, and no row is touched."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from pharmacies.access.actor import Actor
from pharmacies.access.roles import Role
from screens import registry
from screens.demo import SCREEN_ID, SPLIT_ID
from screens.models import ScreenLayout
from screens.operations import store_overrides
from screens.tests.conftest import LATER, member, signed_in
from screens.tests.folders import copied_components, replace_in, set_default_limit

pytestmark = pytest.mark.usefixtures("demo_screens")

LEFT_ID = f"{SPLIT_ID}_left"


@pytest.fixture
def new_code(tmp_path: Path) -> Path:
    """The component folders of the next release: a list shows three rows and no more."""
    folder = copied_components(tmp_path)
    set_default_limit(folder, 3)
    return folder


def rows_shown(client: Client) -> int:
    return client.get("/screens/1383/").content.decode().count('href="?c.selectedId=')


def limit_of(client: Client) -> Any:
    address = "/api/screen-management/screens/1383/layout-v1"
    components = client.get(address).json()["data"]["components"]
    left = next(one for one in components if one["component_id"] == LEFT_ID)
    return left["settings"]["dataSource"]["limit"]


def all_rows(companies: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        dict(row)
        for code in companies
        for row in ScreenLayout.objects.for_company(code).order_by("layout_id").values()
    ]


def test_two_companies_change_no_row_is_touched_and_one_override_stays(
    demo_screens: tuple[str, ...],
    actor: Actor,
    new_code: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store_overrides(
        actor=actor,
        at=LATER,
        company_code="DARA",
        screen_id=SCREEN_ID,
        component_id=LEFT_ID,
        settings={
            "tableName": "sales_order_mng",
            "dataSource": {"limit": 7},
            "selection": {"publishKey": "selectedId"},
        },
    )
    people = [signed_in(member(code, Role.PHARMACY_USER, code)) for code in demo_screens]
    before = all_rows(demo_screens)
    assert [rows_shown(person) for person in people] == [12, 12, 7]
    today = limit_of(people[0])
    assert [limit_of(person) for person in people] == [today, today, 7]

    monkeypatch.setattr(registry, "FOLDER", new_code)

    assert [rows_shown(person) for person in people] == [3, 3, 7]
    assert [limit_of(person) for person in people] == [3, 3, 7]
    assert all_rows(demo_screens) == before


def test_a_new_setting_reaches_rows_that_never_heard_of_it(
    new_code: Path, pharmacist: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = new_code / "table-list"
    replace_in(
        folder / "schema.py", "    show_count:", '    note: Text = "새 안내"\n    show_count:'
    )
    replace_in(
        folder / "template.html",
        "{% if table.is_demo %}",
        "{{ settings.note }}{% if table.is_demo %}",
    )
    for language in ("ko", "en"):
        replace_in(
            folder / "locale" / f"{language}.json", '"density":', '"note": "안내", "density":'
        )

    monkeypatch.setattr(registry, "FOLDER", new_code)

    assert pharmacist.get("/screens/1383/").content.decode().count("새 안내") == 2
