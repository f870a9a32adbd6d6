"""Changes of many machines at once: what would happen, the start, and the brakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from network import tasks
from network.bulk import step_of
from network.headscale.features import lacks, release_of
from network.models import BulkItem, BulkJob, HeadscaleCommand, MachineProfile
from network.naming import first_free, is_numbered, name_stem
from network.operations.asking import PERMISSIONS, NetworkConflictError, check_value, refuse
from network.states import WAITING, BulkState, CommandKind, CommandState
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.access.permissions import require
from pharmacies.tenancy import platform_context, tenant_transaction

MOST_MACHINES = 1000
SLOWEST_PACE_S = 3600.0
BULK_KINDS = (
    CommandKind.EXPIRE_NODE,
    CommandKind.SET_TAGS,
    CommandKind.RENAME_NODE,
    CommandKind.DELETE_NODE,
)


@dataclass(frozen=True, slots=True)
class BulkOrder:
    """What shall be done to which machines (our numbers); tags to `add` and `remove`.

    Renaming gives each machine the name that is suggested for it. `pace_s` is the least pause
    between two changes, in seconds.
    """

    kind: CommandKind
    machine_ids: Sequence[int]
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    pace_s: float = 0.0

    @property
    def arguments(self) -> dict[str, Any]:
        """What all its commands have in common."""
        tags = self.kind == CommandKind.SET_TAGS
        return {"add": list(self.add), "remove": list(self.remove)} if tags else {}


@dataclass(frozen=True, slots=True)
class Planned:
    """One machine of an order: what is asked for it, or why it will be left alone."""

    machine: MachineProfile
    own: dict[str, Any]
    skipped: str


def plan_bulk(*, actor: Actor, at: datetime, order: BulkOrder) -> list[Planned]:
    """Say what an order would do, machine by machine; nothing is written.

    Raises PermissionDenied, ValidationError (`invalid`, `too_many`),
    MachineProfile.DoesNotExist when one of them is not there.
    """
    _check(order)
    machines = _machines(order.machine_ids)
    permission = PERMISSIONS[order.kind]
    require(actor, permission, company_code=_strictest(actor, permission, machines))
    return _planned(_job_of(order, actor, at), machines, at)


def start_bulk(*, actor: Actor, at: datetime, order: BulkOrder) -> BulkJob:
    """Write an order as a job; its commands follow one by one. Rings for the first.

    Raises what `plan_bulk` raises, and NetworkConflictError (`nothing_to_do`).
    """
    _check(order)
    machines = _machines(order.machine_ids)
    permission = PERMISSIONS[order.kind]
    require(actor, permission, company_code=_strictest(actor, permission, machines))
    job = _job_of(order, actor, at)
    planned = _planned(job, machines, at)
    if all(item.skipped for item in planned):
        sentence = _("바꿀 머신이 없습니다: %(reason)s") % {"reason": planned[0].skipped}
        raise NetworkConflictError("nothing_to_do", sentence)
    companies = {item.machine.company_code for item in planned}
    job.company_code = companies.pop() if len(companies) == 1 else None
    with tenant_transaction(durable=True):
        job.save(force_insert=True)
        BulkItem.objects.bulk_create(
            BulkItem(
                job=job,
                machine=item.machine,
                company_code=item.machine.company_code,
                arguments=item.own,
                skipped=item.skipped,
            )
            for item in planned
        )
        _record(actor, at, job, "bulk.start", {"machines": len(planned), **order.arguments})
        transaction.on_commit(partial(tasks.publish, tasks.advance_bulk, job.pk))
    return job


def pause_bulk(*, actor: Actor, at: datetime, job_id: int) -> BulkJob:
    """Write no further command of a job until it is resumed; the one in the lane goes on.

    Raises PermissionDenied, BulkJob.DoesNotExist, NetworkConflictError (`bulk_not_running`).
    """
    job = BulkJob.objects.get(pk=job_id)
    require(actor, PERMISSIONS[job.kind], company_code=job.company_code)
    return _turn(actor, at, job, (BulkState.RUNNING,), BulkState.PAUSED)


def resume_bulk(*, actor: Actor, at: datetime, job_id: int) -> BulkJob:
    """Go on with a job that was paused, or paused itself. Rings for its next command.

    Raises PermissionDenied, BulkJob.DoesNotExist, NetworkConflictError (`bulk_not_paused`).
    """
    job = BulkJob.objects.get(pk=job_id)
    require(actor, PERMISSIONS[job.kind], company_code=job.company_code)
    return _turn(actor, at, job, (BulkState.PAUSED,), BulkState.RUNNING)


def stop_bulk(*, actor: Actor, at: datetime, job_id: int) -> BulkJob:
    """End a job; its command that still waits is cancelled, one that runs is not.

    Raises PermissionDenied, BulkJob.DoesNotExist, NetworkConflictError (`bulk_over`).
    """
    job = BulkJob.objects.get(pk=job_id)
    require(actor, PERMISSIONS[job.kind], company_code=job.company_code)
    return _turn(actor, at, job, (BulkState.RUNNING, BulkState.PAUSED), BulkState.STOPPED)


_REFUSALS = {
    BulkState.PAUSED: "bulk_not_running",
    BulkState.RUNNING: "bulk_not_paused",
    BulkState.STOPPED: "bulk_over",
}


def _turn(
    actor: Actor, at: datetime, job: BulkJob, before: tuple[BulkState, ...], after: BulkState
) -> BulkJob:
    with tenant_transaction(durable=True):
        values: dict[str, Any] = {"state": after, "paused_by_failures": False}
        if after == BulkState.RUNNING:
            values["resumed_at"] = at
        if after == BulkState.STOPPED:
            values["finished_at"] = at
        if not BulkJob.objects.filter(pk=job.pk, state__in=before).update(**values):
            sentence = _("이 대량 작업은 이미 다른 상태입니다. 화면을 새로 고치십시오.")
            raise NetworkConflictError(_REFUSALS[after], sentence)
        if after == BulkState.STOPPED:
            HeadscaleCommand.objects.filter(bulk_item__job=job, state__in=WAITING).update(
                state=CommandState.CANCELLED, finished_at=at
            )
        _record(actor, at, job, f"bulk.{after.lower()}", {})
        if after == BulkState.RUNNING:
            transaction.on_commit(partial(tasks.publish, tasks.advance_bulk, job.pk))
    return BulkJob.objects.get(pk=job.pk)


def _record(actor: Actor, at: datetime, job: BulkJob, action: str, details: dict[str, Any]) -> None:
    target = Target("bulk_job", str(job.pk), str(job))
    details = {"kind": job.kind, **details}
    record(
        actor=actor,
        action=action,
        target=target,
        at=at,
        company_code=job.company_code,
        details=details,
    )


def _check(order: BulkOrder) -> None:
    if order.kind not in BULK_KINDS:
        refuse("action", _("한꺼번에 할 수 없는 변경입니다."), "invalid")
    if not 0 < len(set(order.machine_ids)) <= MOST_MACHINES:
        refuse("machines", _("머신을 1대에서 1,000대까지 고르십시오."), "too_many")
    if not 0 <= order.pace_s <= SLOWEST_PACE_S:
        refuse("pace_s", _("간격은 0초에서 3,600초까지입니다."), "invalid")
    for tag in (*order.add, *order.remove):
        check_value("tags", "tags", tag, (_("태그는 tag:pharmacy처럼 적습니다."), "invalid"))
    if order.kind == CommandKind.SET_TAGS and not (order.add or order.remove):
        refuse("tags", _("붙이거나 뗄 태그를 적어 주십시오."), "invalid")


def _strictest(actor: Actor, permission: str, machines: list[MachineProfile]) -> str | None:
    """Return the company of a machine that the actor may not touch, or else of any of them."""
    codes = [machine.company_code for machine in machines]
    return next((code for code in codes if not actor.may(permission, code)), codes[0])


def _job_of(order: BulkOrder, actor: Actor, at: datetime) -> BulkJob:
    """Prepare the row of an order; nothing is written yet."""
    return BulkJob(
        kind=order.kind,
        arguments=order.arguments,
        pace_s=order.pace_s,
        requested_by=actor.label,
        requested_at=at,
    )


def _planned(job: BulkJob, machines: list[MachineProfile], at: datetime) -> list[Planned]:
    names = _names(machines) if job.kind == CommandKind.RENAME_NODE else {}
    planned = []
    for machine in machines:
        own = {"new_name": names[machine.pk]} if names else {}
        step = step_of(job, own, machine, at)
        planned.append(Planned(machine, own, step.skipped or _lacking(job, machine)))
    return planned


def _machines(machine_ids: Sequence[int]) -> list[MachineProfile]:
    wanted = set(machine_ids)
    rows = MachineProfile.objects.filter(pk__in=wanted, gone_at=None)
    found = list(rows.select_related("server", "pharmacy").order_by("name", "pk"))
    if len(found) != len(wanted):
        raise MachineProfile.DoesNotExist
    return found


def _names(machines: list[MachineProfile]) -> dict[int, str]:
    """Suggest a name for each machine, none of them twice and none that another machine has.

    A machine whose name follows the rules already keeps it.
    """
    with platform_context():
        rows = MachineProfile.objects.filter(
            server_id__in={machine.server_id for machine in machines}, gone_at=None
        )
        taken = {
            (server_id, name): pk
            for server_id, name, pk in rows.values_list("server_id", "name", "pk")
        }
    stems = {
        machine.pk: name_stem(
            pharmacy_id=machine.pharmacy_id, role=machine.role, hostname=machine.hostname
        )
        for machine in machines
    }
    names = {one.pk: one.name for one in machines if is_numbered(one.name, stems[one.pk])}
    moving = stems.keys() - names.keys()
    used = {place for place, pk in taken.items() if pk not in moving}
    for machine in machines:
        if machine.pk in moving:
            there = {name for server_id, name in used if server_id == machine.server_id}
            names[machine.pk] = first_free(stems[machine.pk], there)
            used.add((machine.server_id, names[machine.pk]))
    return names


def _lacking(job: BulkJob, machine: MachineProfile) -> str:
    """Say why the machine's server cannot do it."""
    if job.kind != CommandKind.SET_TAGS:
        return ""
    left = set(job.arguments["add"]) | (set(machine.tags) - set(job.arguments["remove"]))
    missing = None if left else lacks(release_of(machine.server.series), "nodes.clear_tags")
    return _(missing.sentence) if missing else ""
