"""Changes of machines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from network.models import HeadscaleCommand, HeadscaleUser, MachineProfile
from network.naming import free_name, numbered
from network.operations.asking import (
    NetworkConflictError,
    about,
    check_value,
    listed_machine,
    refuse,
    refuse_missing,
    refuse_stale_base,
    request_change,
)
from network.states import CommandKind
from pharmacies.access.actor import Actor
from pharmacies.access.permissions import require
from pharmacies.tenancy import platform_context


def rename_node(*, actor: Actor, at: datetime, machine_id: int, new_name: str) -> HeadscaleCommand:
    """Ask for another name of a machine. This will commit a command and ring for it.

    Raises PermissionDenied, ValidationError (`machine_name_invalid`), MachineProfile.DoesNotExist,
    NetworkConflictError (`machine_name_taken`, with a free name in the sentence).
    """
    machine = listed_machine(machine_id)
    require(actor, "machines:rename", company_code=machine.company_code)
    name_rule = _("머신 이름은 영문 소문자, 숫자, 하이픈으로 2~63자입니다. 예: p0001-counter1")
    check_value("new_name", "new_name", new_name, (name_rule, "machine_name_invalid"))
    _refuse_taken_name(actor, machine, new_name)
    return request_change(actor, at, about(machine, CommandKind.RENAME_NODE, new_name=new_name))


def expire_node(
    *,
    actor: Actor,
    at: datetime,
    machine_id: int,
    ends_at: datetime | None = None,
    never: bool = False,
) -> HeadscaleCommand:
    """Ask to end a machine's login: now, at an aware time, or never. This will commit a command.

    Raises PermissionDenied, ValidationError (both given, or a time without zone),
    MachineProfile.DoesNotExist.
    """
    machine = listed_machine(machine_id)
    require(actor, "machines:expire", company_code=machine.company_code)
    if never and ends_at is not None:
        refuse("at", _("만료 시각과 ‘만료 없음’ 가운데 하나만 고르십시오."), "expiry_ambiguous")
    if ends_at is not None and ends_at.tzinfo is None:
        refuse(
            "at", _("시각에 시간대를 함께 적어 주십시오. 예: 2027-01-01T09:00:00+09:00"), "invalid"
        )
    if ends_at is not None:
        year_rule = _("만료 시각의 연도는 1970년부터 9998년까지입니다.")
        check_value("at", "at", ends_at, (year_rule, "invalid"))
        refuse_missing(machine.server, "nodes.expire_at")
    if never:
        refuse_missing(machine.server, "nodes.expire_never")
    request = about(
        machine,
        CommandKind.EXPIRE_NODE,
        at=ends_at.isoformat() if ends_at else None,
        never=never or None,
    )
    return request_change(actor, at, request)


def set_tags(
    *, actor: Actor, at: datetime, machine_id: int, tags: Sequence[str], base: Sequence[str]
) -> HeadscaleCommand:
    """Ask to replace a machine's tags, based on the ones the person saw. Commits a command.

    Raises PermissionDenied, ValidationError, MachineProfile.DoesNotExist, NetworkConflictError
    (`base_changed` with both sets; `engine_lacks` where the last tag cannot go).
    """
    machine = listed_machine(machine_id)
    require(actor, "machines:tag", company_code=machine.company_code)
    for tag in tags:
        check_value("tags", "tags", tag, (_("태그는 tag:pharmacy처럼 적습니다."), "invalid"))
    refuse_stale_base(base, machine.tags)
    if machine.tags and not tags:
        refuse_missing(machine.server, "nodes.clear_tags")
    request = about(machine, CommandKind.SET_TAGS, tags=sorted(set(tags)), base=sorted(set(base)))
    return request_change(actor, at, request)


def approve_routes(
    *, actor: Actor, at: datetime, machine_id: int, approved: Sequence[str], base: Sequence[str]
) -> HeadscaleCommand:
    """Ask to replace a machine's approved routes (CIDR), based on those the person saw.

    Half an exit route approves both halves. Raises PermissionDenied, ValidationError,
    MachineProfile.DoesNotExist, NetworkConflictError (`base_changed` with both sets).
    """
    machine = listed_machine(machine_id)
    require(actor, "machines:routes", company_code=machine.company_code)
    rule = _("경로는 192.168.10.0/24처럼 네트워크 주소로 적습니다.")
    wanted = {check_value("approved", "routes", route, (rule, "invalid")) for route in approved}
    refuse_stale_base(base, machine.approved_routes)
    request = about(
        machine, CommandKind.APPROVE_ROUTES, approved=sorted(wanted), base=sorted(set(base))
    )
    return request_change(actor, at, request)


def move_node(
    *, actor: Actor, at: datetime, machine_id: int, headscale_user_id: int
) -> HeadscaleCommand:
    """Ask to give a machine to another user of its server (up to 0.27). Commits a command.

    The users of a server are the platform's, so this is for its staff alone.

    Raises PermissionDenied, MachineProfile.DoesNotExist, HeadscaleUser.DoesNotExist,
    NetworkConflictError (`engine_lacks`).
    """
    machine = listed_machine(machine_id)
    require(actor, "machines:move")
    user = HeadscaleUser.objects.get(
        server_id=machine.server_id, headscale_user_id=headscale_user_id, gone_at=None
    )
    refuse_missing(machine.server, "nodes.move")
    request = about(machine, CommandKind.MOVE_NODE, user_id=user.headscale_user_id)
    return request_change(actor, at, request)


def delete_node(*, actor: Actor, at: datetime, machine_id: int) -> HeadscaleCommand:
    """Ask to delete a machine from the engine; its history stays. This will commit a command.

    Raises PermissionDenied, MachineProfile.DoesNotExist.
    """
    machine = listed_machine(machine_id)
    require(actor, "machines:delete", company_code=machine.company_code)
    return request_change(actor, at, about(machine, CommandKind.DELETE_NODE))


def _refuse_taken_name(actor: Actor, machine: MachineProfile, new_name: str) -> None:
    """Refuse a name that any machine of the server has; say whose only to whom may see it."""
    with platform_context():
        others = MachineProfile.objects.filter(server_id=machine.server_id, gone_at=None)
        holders = others.filter(name=new_name).exclude(pk=machine.pk)
        other = holders.select_related("pharmacy").first()
        alike = others.filter(name__startswith=numbered(new_name)[0])
        taken = set(alike.values_list("name", flat=True)) if other else set()
    if other is None:
        return
    place = (
        f" ({other.pharmacy})" if other.pharmacy and actor.tenant.allows(other.company_code) else ""
    )
    free = free_name(new_name, taken)
    sentence = _("이미 쓰고 있는 이름입니다: %(name)s%(place)s. 예: %(free)s") % {
        "name": new_name,
        "place": place,
        "free": free,
    }
    raise NetworkConflictError("machine_name_taken", sentence, {"suggestion": free})
