"""Locked rule: each statement that touches the layout table names its company.

Every door is driven while the statements are recorded: page, API, administration, operations.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pharmacies.access.actor import Actor
from screens.demo import SCREEN_ID, SPLIT_ID, create_demo_screen
from screens.models import ScreenLayout
from screens.operations import place_component, remove_component, store_overrides
from screens.placing import Placement
from screens.tests.conftest import AT, LATER
from screens.tests.test_admin import LIST, PLACE, address, new

pytestmark = pytest.mark.usefixtures("demo_screens")

NAMES = {"company_code": "GANA", "screen_id": SCREEN_ID}


def read_pages(staff: Client, _actor: Actor) -> None:
    staff.get("/screens/1383/?company=GANA&c.selectedId=SO-2026-0001")
    staff.get("/screens/1383/")
    staff.get("/screens/9/?company=GANA")
    staff.get("/screens/?company=GANA")


def read_api(staff: Client, _actor: Actor) -> None:
    staff.get("/api/screen-management/screens/1383/layout-v1?company=GANA")


def read_admin(staff: Client, _actor: Actor) -> None:
    staff.get(LIST)
    staff.get(LIST + "?company=GANA&q=left&o=1")
    staff.get(address("change", SPLIT_ID))
    staff.get(address("delete", SPLIT_ID))
    staff.get(address("history", SPLIT_ID))


def write_admin(staff: Client, _actor: Actor) -> None:
    staff.post(LIST + "add/", new())
    staff.post(address("change", SPLIT_ID), {"store": "1", "settings": '{"splitRatio": 45}'})
    staff.post(address("change", f"{SPLIT_ID}_left"), {**PLACE, "place": "1"})
    staff.post(address("delete", "comp_save_1383"))


def operate(_staff: Client, actor: Actor) -> None:
    create_demo_screen("GANA", actor=actor, at=AT)
    left = f"{SPLIT_ID}_left"
    store_overrides(actor=actor, at=LATER, component_id=left, settings={"title": "가"}, **NAMES)
    place_component(actor=actor, at=LATER, component_id=left, placement=Placement(), **NAMES)
    remove_component(actor=actor, at=LATER, component_id=left, **NAMES)


def is_scoped(statement: str) -> bool:
    """Say whether a statement names the company: an insert as a column, all others as a filter."""
    if statement.startswith("INSERT"):
        return (
            '"company_code"'
            in statement.split("VALUES", maxsplit=1)[0].split("SELECT", maxsplit=1)[0]
        )
    filters = statement.partition(" WHERE ")[2]
    return re.search(r'"company_code" = (%s|\'[A-Z]*\')', filters) is not None


def touching(captured: CaptureQueriesContext) -> list[str]:
    statements = [one["sql"] for one in captured.captured_queries]
    return [sql for sql in statements if ScreenLayout._meta.db_table in sql]


@pytest.mark.parametrize("drive", [read_pages, read_api, read_admin, write_admin, operate])
def test_every_statement_names_its_company(
    drive: Callable[[Client, Actor], None], staff: Client, actor: Actor
) -> None:
    with CaptureQueriesContext(connection) as captured:
        drive(staff, actor)

    found = touching(captured)
    assert found
    assert [sql for sql in found if not is_scoped(sql)] == []


def test_one_statement_loads_a_whole_screen(staff: Client) -> None:
    with CaptureQueriesContext(connection) as captured:
        staff.get("/screens/1383/?company=GANA")

    assert len(touching(captured)) == 1


@pytest.mark.parametrize(
    "statement",
    [
        'SELECT "company_code" FROM "screen_layouts_v1" WHERE "screen_id" = \'1\'',
        'UPDATE "screen_layouts_v1" SET "company_code" = \'A\'',
        'DELETE FROM "screen_layouts_v1" WHERE "layout_id" IN (1)',
        'INSERT INTO "screen_layouts_v1" ("screen_id") VALUES (\'company_code\')',
    ],
)
def test_the_judge_of_this_test_is_strict(statement: str) -> None:
    assert not is_scoped(statement)
