"""Rarer changes of a machine: another end of its login, quarantine, swap, another owner."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from network import operations, queries
from network.admin.buttons import Button, lacking
from network.models import HeadscaleCommand, HeadscaleUser, MachineProfile
from network.queries import MachineWithStatus
from pharmacies.access.actor import Actor

ACTIONS = frozenset({"expiry", "quarantine", "release", "swap", "move"})


class ExpiryForm(forms.Form):
    """A time of the project's own zone, or never."""

    ends_at = forms.DateTimeField(
        label=gettext_lazy("만료 시각"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )
    never = forms.BooleanField(label=gettext_lazy("만료 없음"), required=False)


class SwapForm(forms.Form):
    """The new machine, of those of the same server that the person may see."""

    new_machine: forms.ModelChoiceField[MachineProfile] = forms.ModelChoiceField(
        label=gettext_lazy("새 머신"), queryset=None
    )

    def __init__(self, machine: MachineProfile, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["new_machine"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = queries.successors(machine)


class MoveForm(forms.Form):
    user: forms.ModelChoiceField[HeadscaleUser] = forms.ModelChoiceField(
        label=gettext_lazy("네트워크 사용자"), queryset=None
    )

    def __init__(self, machine: MachineProfile, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["user"]
        assert isinstance(choice, forms.ModelChoiceField)
        choice.queryset = queries.headscale_users().filter(server_id=machine.server_id)


def more_buttons(actor: Actor, machine: MachineWithStatus) -> list[Button]:
    """Return the rarer changes that the person may ask for."""
    code = machine.company_code
    offered = []
    if actor.may("machines:expire", code):
        offered += [_expiry(machine), _release(machine) if machine.parked_at else _park(machine)]
    if not machine.online and all(
        actor.may(permission, code) for permission in ("machines:rename", "machines:assign")
    ):
        offered.append(_swap(machine))
    if actor.may("machines:move"):
        offered.append(_move(machine))
    return offered


def _url(machine: MachineWithStatus, action: str) -> str:
    return reverse("admin:network_machine_action", args=[machine.pk, action])


def _expiry(machine: MachineWithStatus) -> Button:
    return Button(
        action="expiry",
        verb=_("만료 시각"),
        title=_("%(name)s의 만료 시각") % {"name": machine.name},
        consequence=_(
            "그때까지 다시 로그인하지 않아도 됩니다. ‘만료 없음’은 분실된 PC도 계속 둡니다."
        ),
        done=_("만료 시각을 바꾸었습니다."),
        form=ExpiryForm,
        ask=lambda actor, at, values: operations.expire_node(
            actor=actor, at=at, machine_id=machine.pk, **values
        ),
        has_page=True,
        unavailable=lacking(machine.server, "nodes.expire_at"),
        url=_url(machine, "expiry"),
    )


def _park(machine: MachineWithStatus) -> Button:
    return Button(
        action="quarantine",
        verb=_("격리"),
        title=_("%(name)s 격리") % {"name": machine.name},
        consequence=_(
            "로그인을 끝내고 태그를 떼어 네트워크에서 내보냅니다. 삭제하지 않으므로 이름과 기록이 "
            "남고, 되돌릴 수 있습니다."
        ),
        done=_("격리했습니다."),
        ask=lambda actor, at, _values: operations.quarantine_machine(
            actor=actor, at=at, machine_id=machine.pk
        ),
        danger=True,
        url=_url(machine, "quarantine"),
    )


def _release(machine: MachineWithStatus) -> Button:
    return Button(
        action="release",
        verb=_("격리 풀기"),
        title=_("%(name)s의 격리 풀기") % {"name": machine.name},
        consequence=_("현장에서 다시 로그인하면 네트워크에 돌아옵니다."),
        done=_("격리를 풀었습니다."),
        ask=lambda actor, at, _values: _released(actor, at, machine),
        url=_url(machine, "release"),
    )


def _released(actor: Actor, at: datetime, machine: MachineWithStatus) -> None:
    """Release at once: the engine has no part in it."""
    operations.release_machine(actor=actor, at=at, machine_id=machine.pk)


def _swap(machine: MachineWithStatus) -> Button:
    return Button(
        action="swap",
        verb=_("새 머신으로 바꾸기"),
        title=_("%(name)s 자리에 새 머신 놓기") % {"name": machine.name},
        consequence=_(
            "새 머신이 이름, 약국, 역할, 메모를 이어받습니다. 이 머신은 이름 끝에 -old가 붙습니다."
        ),
        done=_("바꾸었습니다."),
        form=partial(SwapForm, machine),
        ask=lambda actor, at, values: _swapped(actor, at, machine, values),
        has_page=True,
        url=_url(machine, "swap"),
    )


def _swapped(
    actor: Actor, at: datetime, machine: MachineWithStatus, values: dict[str, Any]
) -> HeadscaleCommand:
    """Return the command that ends the swap: the new machine has the name then."""
    commands = operations.swap_machine(
        actor=actor, at=at, machine_id=machine.pk, new_machine_id=values["new_machine"].pk
    )
    return commands[-1]


def _move(machine: MachineWithStatus) -> Button:
    return Button(
        action="move",
        verb=_("사용자 바꾸기"),
        title=_("%(name)s의 네트워크 사용자 바꾸기") % {"name": machine.name},
        consequence=_("정책에서 새 사용자의 규칙을 따르게 됩니다."),
        done=_("사용자를 바꾸었습니다."),
        form=partial(MoveForm, machine),
        ask=lambda actor, at, values: operations.move_node(
            actor=actor,
            at=at,
            machine_id=machine.pk,
            headscale_user_id=values["user"].headscale_user_id,
        ),
        danger=True,
        has_page=True,
        unavailable=lacking(machine.server, "nodes.move"),
        url=_url(machine, "move"),
    )
