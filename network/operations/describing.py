"""What people know of a machine: its role and notes. The engine has no part in it."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from network.models import MachineProfile
from network.operations.asking import listed_machine, refuse
from network.states import MachineRole
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.access.permissions import require
from pharmacies.tenancy import tenant_transaction

NOTES_LIMIT = 4000


def describe_machine(
    *,
    actor: Actor,
    at: datetime,
    machine_id: int,
    role: str | None = None,
    notes: str | None = None,
) -> MachineProfile:
    """Say what a machine is for and what is to be known of it; at once, without the engine.

    `role` is a code of MachineRole or empty; what is None stays as it is. Raises PermissionDenied,
    ValidationError, MachineProfile.DoesNotExist.
    """
    machine = listed_machine(machine_id)
    require(actor, "machines:describe", company_code=machine.company_code)
    if role and role not in MachineRole.values:
        refuse("role", _("모르는 역할입니다."), "invalid")
    if notes is not None and (len(notes) > NOTES_LIMIT or "\0" in notes):
        refuse("notes", _("메모는 4,000자까지입니다."), "invalid")
    said = {"role": role, "notes": notes}
    values = {name: value for name, value in said.items() if value is not None}
    with tenant_transaction():
        if values:
            MachineProfile.objects.filter(pk=machine.pk).update(**values)
        record(
            actor=actor,
            action="machine.describe",
            target=Target("machine", str(machine.pk), machine.name),
            at=at,
            company_code=machine.company_code,
            details={"role": role, "notes_length": None if notes is None else len(notes)},
        )
    return MachineProfile.objects.get(pk=machine.pk)
