"""The changes that a machine's page offers: their words, consequences and forms."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from network import operations
from network.fleet.operations import assign_machine
from network.models import HeadscaleCommand
from network.queries import MachineWithStatus
from pharmacies.access.actor import Actor
from pharmacies.models import Pharmacy
from pharmacies.queries import pharmacies


class NoForm(forms.Form):
    """A change that asks nothing."""


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


@dataclass(frozen=True, slots=True)
class Button:
    """One change as a button: what is said before it, how it is asked for, what is said after.

    `has_page` asks on a page of its own instead of in a dialog; `leaves` when the machine is gone
    afterwards.
    """

    action: str
    verb: str
    title: str
    consequence: str
    done: str
    ask: Callable[[Actor, datetime, dict[str, Any]], HeadscaleCommand | None]
    form: type[forms.Form] = NoForm
    question: str = ""
    danger: bool = False
    leaves: bool = False
    has_page: bool = False
    url: str = ""

    @property
    def fields(self) -> forms.Form:
        return self.form()


def buttons(actor: Actor, machine: MachineWithStatus) -> list[Button]:
    """Return the changes of a machine that the person may ask for, harmless first."""
    offered = {
        "machines:assign": _assign(machine),
        "machines:rename": _rename(machine),
        "machines:expire": _expire(machine),
        "machines:delete": _delete(machine),
    }
    return [
        button
        for permission, button in offered.items()
        if actor.may(permission, machine.company_code)
    ]


def delete_question(kind: str, name: str) -> str:
    """Return the fixed question before a deletion: a sentence, a blank line, a warning."""
    question = _('정말로 %(kind)s "%(name)s"를 삭제하시겠습니까?') % {"kind": kind, "name": name}
    warning = _("삭제된 항목은 복구할 수 없습니다.")
    return f"{question}\n\n{warning}"


def _url(machine: MachineWithStatus, action: str) -> str:
    return reverse("admin:network_machine_action", args=[machine.pk, action])


def _assign(machine: MachineWithStatus) -> Button:
    return Button(
        action="assign",
        verb=_("약국 배정"),
        title=_("%(name)s이(가) 놓인 약국") % {"name": machine.name},
        consequence=_("이 약국의 사람들이 이 머신을 보게 됩니다. 네트워크 연결은 바뀌지 않습니다."),
        done=_("배정을 바꾸었습니다."),
        form=AssignForm,
        ask=lambda actor, at, values: _assigned(actor, at, machine, values["pharmacy"]),
        has_page=True,
        url=_url(machine, "assign"),
    )


def _assigned(
    actor: Actor, at: datetime, machine: MachineWithStatus, pharmacy: Pharmacy | None
) -> None:
    """Assign at once: the engine has no part in it."""
    assign_machine(
        actor=actor,
        at=at,
        machine_id=machine.pk,
        pharmacy_id=pharmacy.pk if pharmacy else None,
    )


def _rename(machine: MachineWithStatus) -> Button:
    return Button(
        action="rename",
        verb=_("이름 바꾸기"),
        title=_("%(name)s의 이름 바꾸기") % {"name": machine.name},
        consequence=_("이 이름으로 접속하던 곳에서는 새 이름을 써야 합니다. 주소는 그대로입니다."),
        done=_("이름을 바꾸었습니다."),
        form=RenameForm,
        ask=lambda actor, at, values: operations.rename_node(
            actor=actor, at=at, machine_id=machine.pk, new_name=values["new_name"]
        ),
        url=_url(machine, "rename"),
    )


def _expire(machine: MachineWithStatus) -> Button:
    return Button(
        action="expire",
        verb=_("만료시키기"),
        title=_("%(name)s 만료시키기") % {"name": machine.name},
        consequence=_(
            "이 PC는 다시 로그인할 때까지 네트워크에 연결할 수 없습니다. "
            "현장에서 키가 필요할 수 있습니다."
        ),
        done=_("만료시켰습니다."),
        ask=lambda actor, at, _values: operations.expire_node(
            actor=actor, at=at, machine_id=machine.pk
        ),
        danger=True,
        url=_url(machine, "expire"),
    )


def _delete(machine: MachineWithStatus) -> Button:
    return Button(
        action="remove",
        verb=_("삭제"),
        title=_("%(name)s 삭제") % {"name": machine.name},
        question=delete_question(_("머신"), machine.name),
        consequence=_("이 머신은 네트워크에서 나가고, 다시 쓰려면 새로 등록해야 합니다."),
        done=_("삭제했습니다."),
        ask=lambda actor, at, _values: operations.delete_node(
            actor=actor, at=at, machine_id=machine.pk
        ),
        danger=True,
        leaves=True,
        url=_url(machine, "remove"),
    )
