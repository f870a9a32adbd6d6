"""A component stands only where its screen has a place for it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from pharmacies.access.actor import Actor
from screens.demo import SCREEN_ID, SPLIT_ID
from screens.operations import NewComponent, add_component
from screens.placing import Placement
from screens.registry import URL_PREFIX
from screens.tests.conftest import AT, LATER
from screens.tests.test_operations import LEFT_ID, RIGHT_ID, place, stored

pytestmark = pytest.mark.usefixtures("demo_screens")


def test_moving_changes_the_place_only(actor: Actor) -> None:
    row = place(actor, LEFT_ID, parent_id=SPLIT_ID, slot="right", display_order=10)

    assert row.custom_config["slot"] == "right"
    assert row.custom_config["tableName"] == "sales_order_mng"
    assert stored(LEFT_ID).display_order == 10
    assert stored(LEFT_ID).updated_at == LATER


def test_a_root_has_no_slot(actor: Actor) -> None:
    place(actor, LEFT_ID)

    assert "slot" not in stored(LEFT_ID).custom_config
    assert stored(LEFT_ID).parent_id is None


@pytest.mark.parametrize(
    ("component_id", "where", "code"),
    [
        (LEFT_ID, {"slot": "left"}, "root_slot"),
        (LEFT_ID, {"parent_id": "gone", "slot": "left"}, "no_parent"),
        (LEFT_ID, {"parent_id": SPLIT_ID, "slot": "middle"}, "no_slot"),
        (LEFT_ID, {"parent_id": SPLIT_ID}, "no_slot"),
        (LEFT_ID, {"parent_id": RIGHT_ID, "slot": "left"}, "no_slot"),
        (LEFT_ID, {"parent_id": LEFT_ID, "slot": "left"}, "circle"),
        (SPLIT_ID, {"parent_id": LEFT_ID, "slot": "left"}, "circle"),
        (LEFT_ID, {"width": 0}, "size"),
        (LEFT_ID, {"position_x": 2**31}, "size"),
    ],
)
def test_an_impossible_place_is_refused(
    actor: Actor, component_id: str, where: dict[str, Any], code: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        place(actor, component_id, **where)

    (errors,) = refusal.value.error_dict.values()
    assert errors[0].code == code


def test_a_parent_of_another_company_is_no_parent(actor: Actor) -> None:
    add_component(
        actor=actor,
        at=AT,
        company_code="NADA",
        screen_id=SCREEN_ID,
        component=NewComponent(
            component_id="only_nada", component_url=URL_PREFIX + "split-panel-layout"
        ),
    )

    with pytest.raises(ValidationError):
        place(actor, LEFT_ID, parent_id="only_nada", slot="left")


def test_nesting_ends_at_eight_levels(actor: Actor) -> None:
    for level in range(8):
        parent = f"n{level - 1}" if level else None
        add_component(
            actor=actor,
            at=AT,
            company_code="GANA",
            screen_id="deep",
            component=NewComponent(
                component_id=f"n{level}",
                component_url=URL_PREFIX + "split-panel-layout",
                placement=Placement(parent_id=parent, slot="left" if parent else None),
            ),
        )

    with pytest.raises(ValidationError) as refusal:
        add_component(
            actor=actor,
            at=AT,
            company_code="GANA",
            screen_id="deep",
            component=NewComponent(
                component_id="n8",
                component_url=URL_PREFIX + "button-primary",
                placement=Placement(parent_id="n7", slot="left"),
            ),
        )

    assert refusal.value.error_dict["parent_id"][0].code == "too_deep"
