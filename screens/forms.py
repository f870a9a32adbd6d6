"""Forms of the administration; they turn text into the plain values of an operation."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from screens.models import ScreenLayout
from screens.operations import NewComponent
from screens.overrides import SLOT, JsonObject
from screens.placing import Placement

_NUMBERS = ("position_x", "position_y", "width", "height", "display_order")


class SettingsField(forms.CharField):
    """A JSON object as text."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 14, "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        try:
            settings = json.loads(value or "{}")
        except (ValueError, RecursionError) as error:
            raise ValidationError(_('JSON이 아닙니다. 예: {"splitRatio": 50}')) from error
        if not isinstance(settings, dict):
            raise ValidationError(_("중괄호로 묶은 JSON 객체를 넣어 주십시오."))
        return settings


class SettingsForm(forms.Form):
    """Full or partial settings of a component; only the difference will be stored."""

    settings = SettingsField(
        label=_("설정(JSON)"),
        required=False,
        help_text=_("기본값과 다른 것만 저장합니다. 지운 항목은 다시 기본값을 따릅니다."),
    )

    @staticmethod
    def initial_of(row: ScreenLayout) -> dict[str, Any]:
        config = {key: value for key, value in row.custom_config.items() if key != SLOT}
        return {"settings": json.dumps(config, ensure_ascii=False, indent=2, sort_keys=True)}

    def values(self) -> JsonObject:
        settings: JsonObject = self.cleaned_data["settings"]
        return settings


class PlaceForm(forms.Form):
    """The place of a component on its screen."""

    parent_id = forms.CharField(
        label=_("상위 컴포넌트"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("비우면 화면의 맨 위 단계입니다."),
    )
    slot = forms.CharField(label=_("슬롯"), required=False, widget=UnfoldAdminTextInputWidget)
    position_x = forms.IntegerField(
        label=_("가로 위치"), initial=0, widget=UnfoldAdminIntegerFieldWidget
    )
    position_y = forms.IntegerField(
        label=_("세로 위치"), initial=0, widget=UnfoldAdminIntegerFieldWidget
    )
    width = forms.IntegerField(label=_("너비"), initial=100, widget=UnfoldAdminIntegerFieldWidget)
    height = forms.IntegerField(label=_("높이"), initial=100, widget=UnfoldAdminIntegerFieldWidget)
    display_order = forms.IntegerField(
        label=_("순서"), initial=1024, widget=UnfoldAdminIntegerFieldWidget
    )

    @staticmethod
    def initial_of(row: ScreenLayout) -> dict[str, Any]:
        numbers = {name: getattr(row, name) or 0 for name in _NUMBERS}
        return {**numbers, "parent_id": row.parent_id, "slot": row.custom_config.get(SLOT)}

    def values(self) -> Placement:
        numbers = {name: self.cleaned_data[name] for name in _NUMBERS}
        return Placement(
            parent_id=self.cleaned_data["parent_id"] or None,
            slot=self.cleaned_data["slot"] or None,
            **numbers,
        )


class NewComponentForm(PlaceForm):
    """A component to be put on a screen of a company."""

    settings = SettingsField(
        label=_("설정(JSON)"), required=False, help_text=_("기본값과 다른 것만 저장합니다.")
    )
    company_code = forms.ChoiceField(label=_("회사"), widget=UnfoldAdminSelectWidget)
    screen_id = forms.CharField(label=_("화면"), widget=UnfoldAdminTextInputWidget)
    component_id = forms.CharField(label=_("컴포넌트"), widget=UnfoldAdminTextInputWidget)
    component_url = forms.ChoiceField(label=_("종류"), widget=UnfoldAdminSelectWidget)
    field_order = ("company_code", "screen_id", "component_id", "component_url", "settings")

    def component(self) -> NewComponent:
        return NewComponent(
            component_id=self.cleaned_data["component_id"],
            component_url=self.cleaned_data["component_url"],
            placement=self.values(),
            settings=self.cleaned_data["settings"],
        )


def add_refusal(form: forms.Form, refusal: ValidationError) -> None:
    """Show the refusal of an operation at the fields it names; JSON pointers belong to settings."""
    fallback = "settings" if "settings" in form.fields else None
    if not hasattr(refusal, "error_dict"):
        form.add_error(fallback, refusal)
        return
    for name, messages in refusal.message_dict.items():
        if name in form.fields:
            form.add_error(name, messages)
        else:
            form.add_error(fallback, [f"{name}: {message}" for message in messages])
