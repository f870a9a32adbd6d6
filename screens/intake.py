"""What may be stored: settings from outside, checked and reduced to what differs from the code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pydantic
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from screens.overrides import SLOT, Json, JsonObject, diff, merge, paths, pointer, split_unknown
from screens.registry import Component
from screens.schema import MAX_CHARACTERS, unstorable


def checked_overrides(
    component: Component, settings: Mapping[str, Json], stored: Mapping[str, Json]
) -> JsonObject:
    """Return the `custom_config` that full or partial settings come down to.

    An absent key inherits. The slot and keys of `stored` that this code does not know are carried
    over unchanged; a new unknown key, a wrong value and another slot raise ValidationError, keyed
    by JSON pointer.
    """
    _refuse_unstorable(settings)
    if SLOT in settings and settings[SLOT] != stored.get(SLOT):
        raise ValidationError(
            _("슬롯은 설정이 아니라 자리입니다. 자리를 옮기는 작업으로 바꾸십시오."), code="slot"
        )
    known, unknown = split_unknown(settings, component.struct)
    carried = split_unknown(stored, component.struct)[1]
    _refuse_new(unknown, carried, component)
    merged = merge(component.defaults, known, component.struct)
    try:
        component.model.model_validate(merged)
    except pydantic.ValidationError as error:
        raise ValidationError(_sentences(error, merged)) from error
    kept = merge(diff(known, component.defaults, component.struct), carried, component.struct)
    return {SLOT: stored[SLOT], **kept} if SLOT in stored else kept


def _refuse_unstorable(settings: Mapping[str, Json]) -> None:
    if unstorable(dict(settings)) or len(json.dumps(settings)) > MAX_CHARACTERS:
        raise ValidationError(
            _("설정이 너무 크거나 깊거나, 저장할 수 없는 문자나 숫자가 들어 있습니다."),
            code="unstorable",
        )


def _refuse_new(unknown: JsonObject, carried: JsonObject, component: Component) -> None:
    new = [
        path for path in _leaves(unknown, component) if path not in set(_leaves(carried, component))
    ]
    if new:
        raise ValidationError(
            {
                pointer(path): ValidationError(_("알 수 없는 설정입니다."), code="unknown")
                for path in new
            }
        )


def _leaves(settings: JsonObject, component: Component) -> list[tuple[str, ...]]:
    return list(paths(settings, component.struct))


def _sentences(error: pydantic.ValidationError, settings: JsonObject) -> dict[str, ValidationError]:
    return {
        pointer(_path(one["loc"], settings)): ValidationError(
            _sentence(one["type"]), code="invalid"
        )
        for one in error.errors(include_url=False, include_context=False, include_input=False)
    }


def _path(location: Sequence[str | int], value: Any) -> list[str | int]:
    """Leave out of a location what names a choice of the schema and no place in the settings."""
    path: list[str | int] = []
    for part in location:
        if _holds(value, part):
            value = value[part]
        elif part != location[-1] or not isinstance(value, dict):
            continue
        path.append(part)
    return path


def _holds(value: Any, part: str | int) -> bool:
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value


def _sentence(kind: str) -> str:
    if kind == "missing":
        return _("필요한 값이 빠져 있습니다.")
    if kind == "extra_forbidden":
        return _("알 수 없는 설정입니다.")
    if kind in {"literal_error", "union_tag_invalid", "string_pattern_mismatch"}:
        return _("허용하는 값이 아닙니다.")
    if kind.endswith(("_type", "_attributes_type")):
        return _("값의 종류가 다릅니다.")
    if kind.startswith(("greater_", "less_", "too_", "string_too_")):
        return _("값이 허용 범위를 벗어났습니다.")
    return _("값이 올바르지 않습니다.")
