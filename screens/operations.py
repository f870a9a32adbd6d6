"""The write door of screens. Settings come in full or in part; only what differs is stored."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.access.permissions import require
from pharmacies.models import Company
from pharmacies.tenancy import tenant_transaction
from screens.intake import checked_overrides
from screens.loading import ROW_FIELDS
from screens.models import ScreenLayout
from screens.overrides import SLOT, Json, JsonObject, same
from screens.placing import Placement, placement_problem
from screens.registry import Component, registry
from screens.tree import LayoutRow

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*", re.ASCII)
_LONGEST = {"screen_id": 50, "component_id": 100}


class LayoutConflictError(RuntimeError):
    """The layout is not in the state that a change needs; `code` says why."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class NewComponent:
    """A component to be put on a screen."""

    component_id: str
    component_url: str
    placement: Placement = field(default_factory=Placement)
    settings: Mapping[str, Json] = field(default_factory=dict)


def add_component(
    *, actor: Actor, at: datetime, company_code: str, screen_id: str, component: NewComponent
) -> ScreenLayout:
    """Put a component on a screen; the first one makes the screen. Writes the row and an audit.

    Raises PermissionDenied, ValidationError, LayoutConflictError (`component_exists`).
    """
    require(actor, "screens:write", company_code=company_code)
    _check_names(screen_id, component.component_id, company_code)
    kind = _component_of(component.component_url)
    overrides = checked_overrides(kind, component.settings, {})
    with tenant_transaction():
        rows = _locked_rows(company_code, screen_id)
        _check_placement(component.placement, component.component_id, rows)
        row = ScreenLayout(
            company_code=company_code,
            screen_id=screen_id,
            component_id=component.component_id,
            component_url=component.component_url,
            created_at=at,
            updated_at=at,
            **_placed(component.placement, overrides),
        )
        _insert(row)
        _record(actor, at, "screen.component.add", row, {"custom_config": row.custom_config})
    return row


def store_overrides(
    *,
    actor: Actor,
    at: datetime,
    company_code: str,
    screen_id: str,
    component_id: str,
    settings: Mapping[str, Json],
) -> ScreenLayout:
    """Replace a component's settings by full or partial ones; an absent key inherits.

    Stores the difference from the defaults, and writes nothing when that is there already. Raises
    PermissionDenied, ScreenLayout.DoesNotExist, ValidationError keyed by JSON pointer.
    """
    require(actor, "screens:write", company_code=company_code)
    with tenant_transaction():
        row = _locked_row(company_code, screen_id, component_id)
        before: JsonObject = row.custom_config
        after = checked_overrides(_component_of(row.component_url), settings, before)
        if not same(before, after):
            _change(row, at, {"custom_config": after})
            _record(actor, at, "screen.component.set", row, {"before": before, "after": after})
    return row


def place_component(
    *,
    actor: Actor,
    at: datetime,
    company_code: str,
    screen_id: str,
    component_id: str,
    placement: Placement,
) -> ScreenLayout:
    """Move a component to another place of its screen; its settings stay as they are.

    Raises PermissionDenied, ScreenLayout.DoesNotExist, ValidationError.
    """
    require(actor, "screens:write", company_code=company_code)
    with tenant_transaction():
        row = _locked_row(company_code, screen_id, component_id)
        rows = _locked_rows(company_code, screen_id)
        _check_placement(placement, component_id, rows)
        _change(row, at, _placed(placement, row.custom_config))
        details = {"parent_id": placement.parent_id, "slot": placement.slot}
        _record(actor, at, "screen.component.place", row, details)
    return row


def remove_component(
    *, actor: Actor, at: datetime, company_code: str, screen_id: str, component_id: str
) -> None:
    """Take a component off its screen; a container has to be empty.

    Raises PermissionDenied, ScreenLayout.DoesNotExist, LayoutConflictError
    (`component_has_children`).
    """
    require(actor, "screens:write", company_code=company_code)
    with tenant_transaction():
        row = _locked_row(company_code, screen_id, component_id)
        rows = _locked_rows(company_code, screen_id)
        if any(one.parent_id == component_id for one in rows.values()):
            sentence = _("안에 다른 컴포넌트가 있습니다. 먼저 그것을 옮기거나 삭제하십시오.")
            raise LayoutConflictError("component_has_children", sentence)
        _record(actor, at, "screen.component.remove", row, {"custom_config": row.custom_config})
        ScreenLayout.objects.for_company(company_code).filter(layout_id=row.layout_id).delete()


def _locked_row(company_code: str, screen_id: str, component_id: str) -> ScreenLayout:
    rows = ScreenLayout.objects.for_company(company_code).select_for_update()
    return rows.get(screen_id=screen_id, component_id=component_id)


def _locked_rows(company_code: str, screen_id: str) -> dict[str, LayoutRow]:
    rows = ScreenLayout.objects.for_company(company_code).select_for_update()
    found = rows.filter(screen_id=screen_id).order_by("layout_id").values(*ROW_FIELDS)
    return {values["component_id"]: LayoutRow(**values) for values in found}


def _insert(row: ScreenLayout) -> None:
    try:
        with transaction.atomic():
            ScreenLayout.objects.for_company(row.company_code).bulk_create([row])
    except IntegrityError as error:
        sentence = _("이 화면에 같은 이름의 컴포넌트가 이미 있습니다.")
        raise LayoutConflictError("component_exists", sentence) from error


def _change(row: ScreenLayout, at: datetime, values: Mapping[str, Any]) -> None:
    changed = {**values, "updated_at": at}
    rows = ScreenLayout.objects.for_company(row.company_code)
    rows.filter(layout_id=row.layout_id).update(**changed)
    for name, value in changed.items():
        setattr(row, name, value)


def _placed(placement: Placement, overrides: Mapping[str, Json]) -> dict[str, Any]:
    config = {key: value for key, value in overrides.items() if key != SLOT}
    if placement.slot:
        config[SLOT] = placement.slot
    return {
        "custom_config": config,
        "parent_id": placement.parent_id,
        "position_x": placement.position_x,
        "position_y": placement.position_y,
        "width": placement.width,
        "height": placement.height,
        "display_order": placement.display_order,
    }


def _component_of(component_url: str) -> Component:
    component = registry().find(component_url)
    if component is None:
        raise ValidationError(
            {"component_url": _("이 주소의 컴포넌트가 없습니다.")}, code="unknown"
        )
    return component


def _check_names(screen_id: str, component_id: str, company_code: str) -> None:
    errors = {
        name: _("영문자, 숫자, - 와 _ 로 %(longest)d자까지 쓸 수 있습니다.")
        % {"longest": _LONGEST[name]}
        for name, value in (("screen_id", screen_id), ("component_id", component_id))
        if not _ID.fullmatch(value) or len(value) > _LONGEST[name]
    }
    if not Company.objects.filter(company_code=company_code).exists():
        errors["company_code"] = _("이 코드의 회사가 없습니다.")
    if errors:
        raise ValidationError(errors)


def _check_placement(
    placement: Placement, component_id: str, rows: Mapping[str, LayoutRow]
) -> None:
    parent = rows.get(placement.parent_id or "")
    parent_component = registry().find(parent.component_url) if parent else None
    code = placement_problem(placement, component_id, rows, parent_component)
    if code is not None:
        raise ValidationError({_PLACE_FIELDS[code]: ValidationError(_sentence(code), code=code)})


_PLACE_FIELDS = {
    "size": "width",
    "root_slot": "slot",
    "no_parent": "parent_id",
    "circle": "parent_id",
    "no_slot": "slot",
    "slot_full": "slot",
    "too_deep": "parent_id",
}


def _sentence(code: str) -> str:
    return {
        "size": _("위치나 크기가 허용 범위를 벗어났습니다."),
        "root_slot": _("슬롯은 상위 컴포넌트 안에서만 고를 수 있습니다."),
        "no_parent": _("이 화면에 그런 상위 컴포넌트가 없습니다."),
        "circle": _("컴포넌트를 자기 안으로 옮길 수 없습니다."),
        "no_slot": _("상위 컴포넌트에 이런 슬롯이 없습니다."),
        "slot_full": _("이 슬롯은 가득 찼습니다."),
        "too_deep": _("컴포넌트는 8단계까지만 겹칠 수 있습니다."),
    }[code]


def _record(
    actor: Actor, at: datetime, action: str, row: ScreenLayout, details: Mapping[str, object]
) -> None:
    record(
        actor=actor,
        action=action,
        target=Target("screen_layout", str(row.layout_id), str(row)),
        company_code=row.company_code,
        at=at,
        details=details,
    )
