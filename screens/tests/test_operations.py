"""The write door stores differences only, in the right company, and leaves a record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from pharmacies.access.actor import Actor, session_actor
from pharmacies.access.models import AuditEvent
from pharmacies.access.roles import Role
from pharmacies.tenancy import UnscopedAccessError, tenant_context
from screens.demo import SCREEN_ID, SPLIT_ID, create_demo_screen
from screens.models import ScreenLayout
from screens.operations import (
    LayoutConflictError,
    NewComponent,
    add_component,
    place_component,
    remove_component,
    store_overrides,
)
from screens.overrides import JsonObject
from screens.placing import Placement
from screens.registry import URL_PREFIX
from screens.tests.conftest import AT, LATER, member

LEFT_ID, RIGHT_ID = f"{SPLIT_ID}_left", f"{SPLIT_ID}_right"

pytestmark = pytest.mark.usefixtures("demo_screens")


def stored(component_id: str, company_code: str = "GANA") -> ScreenLayout:
    rows = ScreenLayout.objects.for_company(company_code)
    return rows.get(screen_id=SCREEN_ID, component_id=component_id)


def set_config(component_id: str, config: JsonObject) -> None:
    """Write a row as another program or another release might have left it."""
    rows = ScreenLayout.objects.for_company("GANA")
    rows.filter(screen_id=SCREEN_ID, component_id=component_id).update(custom_config=config)


def store(actor: Actor, component_id: str, settings: JsonObject) -> ScreenLayout:
    return store_overrides(
        actor=actor,
        at=LATER,
        company_code="GANA",
        screen_id=SCREEN_ID,
        component_id=component_id,
        settings=settings,
    )


def place(actor: Actor, component_id: str, **where: Any) -> ScreenLayout:
    return place_component(
        actor=actor,
        at=LATER,
        company_code="GANA",
        screen_id=SCREEN_ID,
        component_id=component_id,
        placement=Placement(**where),
    )


def nested(depth: int) -> Any:
    return [nested(depth - 1)] if depth else []


def test_whole_settings_come_down_to_their_difference(actor: Actor) -> None:
    settings: JsonObject = {
        "splitRatio": 40,
        "resizable": True,
        "minSize": 100,
        "tableName": "user_info",
    }

    store(actor, SPLIT_ID, settings)

    assert stored(SPLIT_ID).custom_config == {"splitRatio": 40, "tableName": "user_info"}


def test_a_nested_default_is_not_copied_into_the_row(actor: Actor) -> None:
    source: JsonObject = {"limit": 7, "where": {}, "orderBy": []}

    store(actor, LEFT_ID, {"dataSource": source, "density": "compact"})

    assert stored(LEFT_ID).custom_config == {"slot": "left", "dataSource": {"limit": 7}}


def test_an_absent_key_inherits_again(actor: Actor) -> None:
    store(actor, SPLIT_ID, {})

    assert stored(SPLIT_ID).custom_config == {}


def test_the_slot_stays_whatever_the_settings_say(actor: Actor) -> None:
    store(actor, LEFT_ID, {"slot": "left"})

    assert stored(LEFT_ID).custom_config == {"slot": "left"}
    with pytest.raises(ValidationError):
        store(actor, LEFT_ID, {"slot": "right"})


def test_other_rows_and_companies_are_not_touched(actor: Actor) -> None:
    others = ScreenLayout.objects.for_company("NADA")
    before = list(others.order_by("layout_id").values())

    store(actor, LEFT_ID, {"title": "가"})

    assert list(others.order_by("layout_id").values()) == before
    assert stored(RIGHT_ID).updated_at == AT


def test_what_is_there_already_is_not_written_again(actor: Actor) -> None:
    store(actor, SPLIT_ID, {"splitRatio": 50, "minSize": 100})

    assert stored(SPLIT_ID).updated_at == AT
    assert not AuditEvent.objects.filter(action="screen.component.set").exists()


def test_a_change_is_recorded_with_before_and_after(actor: Actor) -> None:
    store(actor, SPLIT_ID, {"splitRatio": 60})

    event = AuditEvent.objects.get(action="screen.component.set")
    assert event.company_code == "GANA"
    assert event.actor_label == "system:test"
    assert event.details == {"before": {"splitRatio": 50}, "after": {"splitRatio": 60}}


def test_stored_keys_of_another_release_are_carried(actor: Actor) -> None:
    set_config(LEFT_ID, {"slot": "left", "future": [1], "dataSource": {"cursor": "x"}})

    store(actor, LEFT_ID, {"title": "가", "dataSource": {"limit": 5}})

    assert stored(LEFT_ID).custom_config == {
        "slot": "left",
        "title": "가",
        "future": [1],
        "dataSource": {"limit": 5, "cursor": "x"},
    }


@pytest.mark.parametrize(
    ("component_id", "settings", "where"),
    [
        (SPLIT_ID, {"leftPanel": {"tableName": "x"}}, "/leftPanel"),
        (SPLIT_ID, {"rightPanel": {}}, "/rightPanel"),
        (SPLIT_ID, {"relation": {"type": "join"}}, "/relation"),
        (SPLIT_ID, {"splitRatio": "50"}, "/splitRatio"),
        (SPLIT_ID, {"splitRatio": 200}, "/splitRatio"),
        (SPLIT_ID, {"resizable": 1}, "/resizable"),
        (SPLIT_ID, {"tableName": None}, "/tableName"),
        (LEFT_ID, {"dataSource": {"limt": 5}}, "/dataSource/limt"),
        (LEFT_ID, {"dataSource": {"limit": True}}, "/dataSource/limit"),
        (LEFT_ID, {"columns": [{"key": "id", "color": "x"}]}, "/columns/0/color"),
        ("comp_save_1383", {"colorVariant": "#112233"}, "/colorVariant"),
        ("comp_save_1383", {"action": {"type": "save"}}, "/action"),
        (
            "comp_save_1383",
            {"action": {"type": "CONTROL_EXECUTE"}},
            "/action/ruleId",
        ),
        (
            "comp_save_1383",
            {"action": {"type": "API_CALL", "endpoint": "http://10.0.0.1/", "method": "GET"}},
            "/action/endpoint",
        ),
        (
            "comp_save_1383",
            {"action": {"type": "CRUD_SAVE", "code": "x"}},
            "/action/code",
        ),
    ],
)
def test_settings_outside_of_the_schema_are_refused_by_their_path(
    actor: Actor, component_id: str, settings: JsonObject, where: str
) -> None:
    before = stored(component_id).custom_config

    with pytest.raises(ValidationError) as refusal:
        store(actor, component_id, settings)

    assert where in refusal.value.message_dict
    assert stored(component_id).custom_config == before


@pytest.mark.parametrize(
    "value",
    ["a\0b", "\ud800", float("nan"), float("inf"), 10**40, "x" * 20_000, nested(20), {"\0": 1}],
)
def test_what_no_database_can_store_is_refused(actor: Actor, value: Any) -> None:
    action: JsonObject = {"type": "CONTROL_EXECUTE", "ruleId": "R", "params": {"p": value}}

    with pytest.raises(ValidationError):
        store(actor, "comp_save_1383", {"action": action})


def test_a_component_that_this_code_lacks_cannot_be_edited(actor: Actor) -> None:
    rows = ScreenLayout.objects.for_company("GANA").filter(component_id=LEFT_ID)
    rows.update(component_url=URL_PREFIX + "card-display")

    with pytest.raises(ValidationError):
        store(actor, LEFT_ID, {})


def add(actor: Actor) -> None:
    component = NewComponent(component_id="new", component_url=URL_PREFIX + "button-primary")
    add_component(actor=actor, at=AT, company_code="GANA", screen_id=SCREEN_ID, component=component)


@pytest.mark.parametrize(
    "change",
    [
        add,
        lambda person: store(person, SPLIT_ID, {"splitRatio": 60}),
        lambda person: place(person, LEFT_ID),
        lambda person: remove(person, "comp_save_1383"),
    ],
)
@pytest.mark.parametrize(
    ("company_code", "role"),
    [("GANA", Role.PHARMACY_USER), ("GANA", Role.VIEWER), ("NADA", Role.OPERATOR)],
)
def test_only_those_who_may_write_screens_do(
    change: Callable[[Actor], object], company_code: str, role: Role
) -> None:
    person = session_actor(member(company_code, role, "person"))
    before = list(ScreenLayout.objects.for_company("GANA").order_by("layout_id").values())

    with pytest.raises(PermissionDenied):
        change(person)

    assert list(ScreenLayout.objects.for_company("GANA").order_by("layout_id").values()) == before


def test_a_company_outside_of_the_context_cannot_be_reached(actor: Actor) -> None:
    stranger = session_actor(member("NADA", Role.OPERATOR, "stranger"))

    with tenant_context(stranger.tenant), pytest.raises(UnscopedAccessError):
        store(actor, SPLIT_ID, {"splitRatio": 60})


def test_a_component_is_added_with_its_difference_only(actor: Actor) -> None:
    row = add_component(
        actor=actor,
        at=AT,
        company_code="GANA",
        screen_id="2000",
        component=NewComponent(
            component_id="ok",
            component_url=URL_PREFIX + "button-primary",
            settings={"text": "확인", "variant": "primary", "colorVariant": "red"},
        ),
    )

    assert row.custom_config == {"colorVariant": "red"}
    assert AuditEvent.objects.filter(action="screen.component.add", target_id=row.pk).exists()


@pytest.mark.parametrize(
    ("company_code", "screen_id", "component_id", "name"),
    [
        ("GANA", "", "ok", "button-primary"),
        ("GANA", "a/b", "ok", "button-primary"),
        ("GANA", "x" * 51, "ok", "button-primary"),
        ("GANA", "1", "<b>", "button-primary"),
        ("GANA", "1", "ok", "card-display"),
        ("NOBODY", "1", "ok", "button-primary"),
    ],
)
def test_a_component_needs_proper_names(
    actor: Actor, company_code: str, screen_id: str, component_id: str, name: str
) -> None:
    component = NewComponent(component_id=component_id, component_url=URL_PREFIX + name)

    with pytest.raises(ValidationError):
        add_component(
            actor=actor,
            at=AT,
            company_code=company_code,
            screen_id=screen_id,
            component=component,
        )


def test_a_component_is_not_added_twice(actor: Actor) -> None:
    component = NewComponent(component_id=SPLIT_ID, component_url=URL_PREFIX + "button-primary")

    with pytest.raises(LayoutConflictError) as refusal:
        add_component(
            actor=actor, at=AT, company_code="GANA", screen_id=SCREEN_ID, component=component
        )

    assert refusal.value.code == "component_exists"


def remove(actor: Actor, component_id: str) -> None:
    remove_component(
        actor=actor, at=LATER, company_code="GANA", screen_id=SCREEN_ID, component_id=component_id
    )


def test_a_container_is_removed_only_when_it_is_empty(actor: Actor) -> None:
    with pytest.raises(LayoutConflictError) as refusal:
        remove(actor, SPLIT_ID)
    assert refusal.value.code == "component_has_children"

    for component_id in (LEFT_ID, RIGHT_ID, SPLIT_ID):
        remove(actor, component_id)

    assert ScreenLayout.objects.for_company("GANA").count() == 1
    assert ScreenLayout.objects.for_company("NADA").count() == 4
    assert AuditEvent.objects.filter(action="screen.component.remove").count() == 3


def test_the_sample_screen_is_made_once_and_holds_no_default(actor: Actor) -> None:
    assert create_demo_screen("GANA", actor=actor, at=LATER) is False

    rows = ScreenLayout.objects.for_company("GANA").filter(screen_id=SCREEN_ID)
    for row in rows:
        config = {key: value for key, value in row.custom_config.items() if key != "slot"}
        store(actor, row.component_id, config)
    assert {row.updated_at for row in rows.all()} == {AT}
