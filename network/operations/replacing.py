"""Taking a machine out of the network without losing it, and putting another in its place."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from network.headscale.features import lacks, release_of
from network.models import HeadscaleCommand, MachineProfile
from network.naming import free_name
from network.operations.asking import (
    NetworkConflictError,
    about,
    listed_machine,
    write,
)
from network.states import CommandKind, Priority
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.access.permissions import require
from pharmacies.tenancy import platform_context, tenant_transaction

_NAME_LIMIT = 63
_RETIRED = "-old"


def quarantine_machine(*, actor: Actor, at: datetime, machine_id: int) -> HeadscaleCommand:
    """Keep a machine out of the network without deleting it: end its login, take off its tags.

    It is parked at once; the login ends by an urgent command, which is returned, and the tags go by
    another where the release can take the last one off. Raises PermissionDenied,
    MachineProfile.DoesNotExist, NetworkConflictError (`machine_parked`).
    """
    machine = listed_machine(machine_id)
    require(actor, "machines:expire", company_code=machine.company_code)
    with tenant_transaction(durable=True):
        parked = MachineProfile.objects.filter(pk=machine.pk, parked_at=None)
        if not parked.update(parked_at=at):
            sentence = _("이미 격리한 머신입니다.")
            raise NetworkConflictError("machine_parked", sentence)
        _record(actor, at, machine, "machine.quarantine")
        if machine.tags and lacks(release_of(machine.server.series), "nodes.clear_tags") is None:
            base = sorted(machine.tags)
            write(actor, at, about(machine, CommandKind.SET_TAGS, tags=[], base=base))
        urgent = about(machine, CommandKind.EXPIRE_NODE, priority=Priority.URGENT)
        return write(actor, at, urgent)


def release_machine(*, actor: Actor, at: datetime, machine_id: int) -> MachineProfile:
    """End the quarantine of a machine; it comes back when it has logged in again.

    Raises PermissionDenied, MachineProfile.DoesNotExist, NetworkConflictError
    (`machine_not_parked`).
    """
    machine = listed_machine(machine_id)
    require(actor, "machines:expire", company_code=machine.company_code)
    with tenant_transaction(durable=True):
        if not MachineProfile.objects.filter(pk=machine.pk, parked_at__isnull=False).update(
            parked_at=None
        ):
            raise NetworkConflictError("machine_not_parked", _("격리한 머신이 아닙니다."))
        _record(actor, at, machine, "machine.release")
    return MachineProfile.objects.get(pk=machine.pk)


def swap_machine(
    *, actor: Actor, at: datetime, machine_id: int, new_machine_id: int
) -> list[HeadscaleCommand]:
    """Let a new machine take the place of one that is silent: pharmacy, role, notes, then the name.

    The chain `replaced_by` keeps both histories together. Returns the two commands that exchange
    the names, the old machine's first. Raises PermissionDenied, MachineProfile.DoesNotExist,
    NetworkConflictError (`same_machine`, `other_server`, `machine_online`, `already_replaced`).
    """
    old, new = listed_machine(machine_id), listed_machine(new_machine_id)
    require(actor, "machines:rename", company_code=old.company_code)
    require(actor, "machines:rename", company_code=new.company_code)
    require(actor, "machines:assign", company_code=old.company_code)
    _refuse_swap(old, new)
    with tenant_transaction(durable=True):
        replaced = MachineProfile.objects.filter(pk=old.pk, replaced_by=None)
        if not replaced.update(replaced_by=new):
            sentence = _("이 머신은 이미 다른 머신으로 바뀌었습니다.")
            raise NetworkConflictError("already_replaced", sentence)
        MachineProfile.objects.filter(pk=new.pk).update(
            pharmacy=old.pharmacy, company_code=old.company_code, role=old.role, notes=old.notes
        )
        _record(actor, at, old, "machine.swap", new_machine_id=new.pk, new_name=new.name)
        new.refresh_from_db()
        retired = _retired_name(old)
        return [
            write(actor, at, about(old, CommandKind.RENAME_NODE, new_name=retired)),
            write(actor, at, about(new, CommandKind.RENAME_NODE, new_name=old.name)),
        ]


def _refuse_swap(old: MachineProfile, new: MachineProfile) -> None:
    if old.pk == new.pk:
        raise NetworkConflictError("same_machine", _("서로 다른 머신을 고르십시오."))
    if old.server_id != new.server_id:
        raise NetworkConflictError("other_server", _("같은 서버의 머신끼리만 바꿀 수 있습니다."))
    if old.online:
        sentence = _("바꿀 머신이 아직 연결되어 있습니다. 꺼진 머신만 바꿀 수 있습니다.")
        raise NetworkConflictError("machine_online", sentence)


def _retired_name(old: MachineProfile) -> str:
    """Return a free name that says whose place was taken: p0001-counter-1-old."""
    name = old.name[: _NAME_LIMIT - len(_RETIRED)] + _RETIRED
    with platform_context():
        rows = MachineProfile.objects.filter(server_id=old.server_id, gone_at=None)
        taken = set(rows.filter(name__startswith=name).values_list("name", flat=True))
    return free_name(name, taken) if name in taken else name


def _record(
    actor: Actor, at: datetime, machine: MachineProfile, action: str, **details: object
) -> None:
    record(
        actor=actor,
        action=action,
        target=Target("machine", str(machine.pk), machine.name),
        at=at,
        company_code=machine.company_code,
        details=details,
    )
