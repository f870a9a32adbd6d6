"""The sample screen of sales orders (수주등록), for demonstrations and first steps."""

from __future__ import annotations

from datetime import datetime

from pharmacies.access.actor import Actor
from screens.models import ScreenLayout
from screens.operations import NewComponent, add_component
from screens.placing import Placement
from screens.registry import URL_PREFIX

SCREEN_ID = "1383"
SPLIT_ID = "comp_lspd9b9m"

COMPONENTS = (
    NewComponent(
        component_id=SPLIT_ID,
        component_url=URL_PREFIX + "split-panel-layout",
        placement=Placement(width=1200, height=700, display_order=1024),
        settings={"splitRatio": 50},
    ),
    NewComponent(
        component_id=f"{SPLIT_ID}_left",
        component_url=URL_PREFIX + "table-list",
        placement=Placement(parent_id=SPLIT_ID, slot="left", display_order=1024),
        settings={
            "title": "수주등록",
            "tableName": "sales_order_mng",
            "dataSource": {"orderBy": ["-ordered_date"]},
            "selection": {"publishKey": "selectedId"},
        },
    ),
    NewComponent(
        component_id=f"{SPLIT_ID}_right",
        component_url=URL_PREFIX + "table-list",
        placement=Placement(parent_id=SPLIT_ID, slot="right", display_order=1024),
        settings={
            "title": "수주 품목",
            "tableName": "sales_order_detail",
            "columns": [
                {"key": "item_name"},
                {"key": "quantity"},
                {"key": "unit_price"},
                {"key": "amount"},
            ],
            "dataSource": {"where": {"order_id": {"fromContext": "selectedId"}}},
        },
    ),
    NewComponent(
        component_id="comp_save_1383",
        component_url=URL_PREFIX + "button-primary",
        placement=Placement(position_y=720, width=120, height=44, display_order=2048),
        settings={
            "text": "저장",
            "action": {"type": "CRUD_SAVE", "tableName": "sales_order_mng"},
        },
    ),
)


def create_demo_screen(company_code: str, *, actor: Actor, at: datetime) -> bool:
    """Give a company the sample screen; False when it has a screen of that number already."""
    if ScreenLayout.objects.for_company(company_code).filter(screen_id=SCREEN_ID).exists():
        return False
    for component in COMPONENTS:
        add_component(
            actor=actor,
            at=at,
            company_code=company_code,
            screen_id=SCREEN_ID,
            component=component,
        )
    return True
