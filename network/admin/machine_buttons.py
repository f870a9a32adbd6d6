"""The changes that a machine's page offers: their words, consequences and forms."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from network import operations, queries
from network.admin.buttons import Button, delete_question
from network.admin.machine_forms import (
    AssignForm,
    DescribeForm,
    RenameForm,
    RoutesForm,
    TagsForm,
    initial_of,
)
from network.admin.machine_more import ACTIONS as MORE_ACTIONS
from network.admin.machine_more import more_buttons
from network.fleet.operations import assign_machine
from network.queries import MachineWithStatus
from pharmacies.access.actor import Actor
from pharmacies.models import Pharmacy

ACTIONS = MORE_ACTIONS | {
    *("assign", "describe", "rename", "tags", "routes", "expire", "remove"),
}


def buttons(actor: Actor, machine: MachineWithStatus) -> list[Button]:
    """Return the changes of a machine that the person may ask for, harmless first."""
    offered = [
        ("machines:assign", _assign(machine)),
        ("machines:describe", _describe(machine)),
        ("machines:rename", _rename(machine)),
        ("machines:tag", _tags(machine)),
        ("machines:expire", _expire(machine)),
        ("machines:delete", _delete(machine)),
    ]
    if machine.announced_routes or machine.approved_routes:
        offered.insert(4, ("machines:routes", _routes(machine)))
    code = machine.company_code
    usual = [button for permission, button in offered if actor.may(permission, code)]
    return [*usual[:-1], *more_buttons(actor, machine), *usual[-1:]]


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
        initial={"new_name": queries.name_suggestion(machine)},
        ask=lambda actor, at, values: operations.rename_node(
            actor=actor, at=at, machine_id=machine.pk, new_name=values["new_name"]
        ),
        url=_url(machine, "rename"),
    )


def _describe(machine: MachineWithStatus) -> Button:
    return Button(
        action="describe",
        verb=_("역할과 메모"),
        title=_("%(name)s의 역할과 메모") % {"name": machine.name},
        consequence=_("이 머신을 보는 사람이 함께 봅니다. 네트워크에는 아무 변화가 없습니다."),
        done=_("적어 두었습니다."),
        form=DescribeForm,
        initial=initial_of(machine)["describe"],
        ask=lambda actor, at, values: _described(actor, at, machine, values),
        has_page=True,
        url=_url(machine, "describe"),
    )


def _described(
    actor: Actor, at: datetime, machine: MachineWithStatus, values: dict[str, Any]
) -> None:
    """Write it down at once: the engine has no part in it."""
    operations.describe_machine(
        actor=actor,
        at=at,
        machine_id=machine.pk,
        role=values["role"],
        notes=values["notes"],
    )


def _tags(machine: MachineWithStatus) -> Button:
    return Button(
        action="tags",
        verb=_("태그"),
        title=_("%(name)s의 태그") % {"name": machine.name},
        consequence=_(
            "태그를 붙이면 이 머신은 약국의 네트워크 사용자를 떠나고, 정책에서 태그의 규칙을 "
            "따릅니다. 마지막 태그는 뗄 수 없습니다."
        ),
        done=_("태그를 바꾸었습니다."),
        form=TagsForm,
        initial=initial_of(machine)["tags"],
        ask=lambda actor, at, values: operations.set_tags(
            actor=actor, at=at, machine_id=machine.pk, tags=values["tags"], base=values["base"]
        ),
        danger=True,
        has_page=True,
        url=_url(machine, "tags"),
    )


def _routes(machine: MachineWithStatus) -> Button:
    return Button(
        action="routes",
        verb=_("경로 승인"),
        title=_("%(name)s의 경로 승인") % {"name": machine.name},
        consequence=_(
            "승인한 경로는 이 머신을 거쳐 닿을 수 있게 됩니다. 고르지 않은 경로는 끊깁니다."
        ),
        done=_("경로 승인을 바꾸었습니다."),
        form=partial(RoutesForm, machine),
        initial=initial_of(machine)["routes"],
        ask=lambda actor, at, values: operations.approve_routes(
            actor=actor,
            at=at,
            machine_id=machine.pk,
            approved=values["approved"],
            base=values["base"],
        ),
        has_page=True,
        url=_url(machine, "routes"),
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
