"""What the changes of a machine ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from network.models import MachineProfile
from network.operations import NOTES_LIMIT
from network.states import MachineRole
from pharmacies.models import Pharmacy
from pharmacies.queries import pharmacies


class RenameForm(forms.Form):
    new_name = forms.CharField(
        label=gettext_lazy("새 이름"),
        max_length=63,
        help_text=gettext_lazy("영문 소문자, 숫자, 하이픈 2~63자. 예: p0001-counter1"),
    )


class AssignForm(forms.Form):
    pharmacy: forms.ModelChoiceField[Pharmacy] = forms.ModelChoiceField(
        label=gettext_lazy("약국"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("미배정"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["pharmacy"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = pharmacies()


class DescribeForm(forms.Form):
    role = forms.ChoiceField(
        label=gettext_lazy("역할"),
        choices=[("", gettext_lazy("정하지 않음")), *MachineRole.choices],
        required=False,
    )
    notes = forms.CharField(
        label=gettext_lazy("메모"),
        max_length=NOTES_LIMIT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class SetForm(forms.Form):
    """A set that replaces another; `base` is the one the person saw, as JSON."""

    base = forms.JSONField(widget=forms.HiddenInput, required=False)

    def clean_base(self) -> list[str]:
        found = self.cleaned_data["base"] or []
        if not isinstance(found, list) or not all(isinstance(text, str) for text in found):
            raise forms.ValidationError(gettext_lazy("화면을 새로 고친 뒤 다시 하십시오."))
        return found


class TagsForm(SetForm):
    tags = forms.CharField(
        label=gettext_lazy("태그"),
        max_length=2000,
        required=False,
        help_text=gettext_lazy("띄어 씁니다. 예: tag:pharmacy tag:counter"),
    )

    def clean_tags(self) -> list[str]:
        return str(self.cleaned_data["tags"]).replace(",", " ").split()


class RoutesForm(SetForm):
    approved = forms.MultipleChoiceField(
        label=gettext_lazy("승인할 경로"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, machine: MachineProfile, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["approved"]
        assert isinstance(choice, forms.MultipleChoiceField)
        known = sorted({*machine.announced_routes, *machine.approved_routes})
        choice.choices = [(route, route) for route in known]


def initial_of(machine: MachineProfile) -> dict[str, dict[str, Any]]:
    """Return what each form begins with, by the name of its action."""
    return {
        "tags": {"tags": " ".join(machine.tags), "base": machine.tags},
        "routes": {
            "approved": machine.approved_routes,
            "base": machine.approved_routes,
        },
        "describe": {"role": machine.role, "notes": machine.notes},
    }
