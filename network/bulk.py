"""Work on many machines, one step at a time: what the next command of each job is.

A job never has more than one command in a lane, so that whatever a person presses meanwhile is
overtaken by nothing; the next one is written when the last has ended and the pace allows it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from network.models import BulkItem, BulkJob, HeadscaleCommand, MachineProfile
from network.states import FINAL, LANE_BONUS_S, BulkState, CommandKind, CommandState, Priority
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.tenancy import platform_context, tenant_transaction

MOST_FAILURES_IN_A_ROW = 3
_FAILED = (CommandState.FAILED, CommandState.NEEDS_HUMAN)


@dataclass(frozen=True, slots=True)
class Step:
    """What one machine of a job needs: the arguments of its command, or why it is left alone."""

    arguments: dict[str, Any]
    skipped: str = ""


def advance(*, clock: Callable[[], datetime]) -> list[int]:
    """Write the next command of every running job and return their numbers, to be rung for."""
    with platform_context():
        jobs = BulkJob.objects.filter(state=BulkState.RUNNING).order_by("pk")
        return [
            number
            for job_id in jobs.values_list("pk", flat=True)
            for number in _advance(job_id, clock())
        ]


def step_of(job: BulkJob, own: dict[str, Any], machine: MachineProfile, at: datetime) -> Step:
    """Work out what a machine needs, as it is now; `own` are the arguments of its item."""
    if machine.gone_at is not None:
        return Step({}, _("이미 목록에 없는 머신입니다."))
    if job.kind == CommandKind.SET_TAGS:
        return _tags(job.arguments, machine)
    if job.kind == CommandKind.EXPIRE_NODE and machine.expires_at and machine.expires_at <= at:
        return Step({}, _("이미 만료되었습니다."))
    if job.kind == CommandKind.RENAME_NODE and own["new_name"] == machine.name:
        return Step({}, _("이미 이 이름입니다."))
    return Step(own)


def _tags(arguments: dict[str, Any], machine: MachineProfile) -> Step:
    wanted = (set(machine.tags) | set(arguments["add"])) - set(arguments["remove"])
    if wanted == set(machine.tags):
        return Step({}, _("이미 그런 태그를 가지고 있습니다."))
    if not wanted:
        return Step({}, _("마지막 태그라서 뗄 수 없습니다."))
    return Step({"tags": sorted(wanted), "base": sorted(machine.tags)})


def _advance(job_id: int, at: datetime) -> list[int]:
    with tenant_transaction():
        job = BulkJob.objects.select_for_update().filter(pk=job_id, state=BulkState.RUNNING).first()
        if job is None or _pauses_itself(job) or not _is_due(job, at):
            return []
        command = _write_next(job, at)
        if command is None:
            BulkJob.objects.filter(pk=job.pk).update(state=BulkState.DONE, finished_at=at)
        return [] if command is None else [command.pk]


def _pauses_itself(job: BulkJob) -> bool:
    """Stop before everything fails: several failures in a row since it was last resumed."""
    ended = HeadscaleCommand.objects.filter(bulk_item__job=job, state__in=FINAL)
    if job.resumed_at is not None:
        ended = ended.filter(requested_at__gte=job.resumed_at)
    newest = list(ended.order_by("-pk").values_list("state", flat=True)[:MOST_FAILURES_IN_A_ROW])
    if len(newest) < MOST_FAILURES_IN_A_ROW or any(state not in _FAILED for state in newest):
        return False
    BulkJob.objects.filter(pk=job.pk).update(state=BulkState.PAUSED, paused_by_failures=True)
    return True


def _is_due(job: BulkJob, at: datetime) -> bool:
    """Say whether the last command has ended, and the pace allows another."""
    last = HeadscaleCommand.objects.filter(bulk_item__job=job).order_by("-pk").first()
    if last is None:
        return True
    if last.state not in FINAL or last.finished_at is None:
        return False
    return at >= last.finished_at + timedelta(seconds=job.pace_s)


def _write_next(job: BulkJob, at: datetime) -> HeadscaleCommand | None:
    """Write the command of the next machine that needs one; None when none is left."""
    waiting = job.items.filter(command=None, skipped="").select_related("machine").order_by("pk")
    for item in waiting:
        step = step_of(job, item.arguments, item.machine, at)
        if not step.skipped and item.machine.company_code != item.company_code:
            step = Step({}, _("그사이에 다른 회사로 옮겨졌습니다."))
        if step.skipped:
            BulkItem.objects.filter(pk=item.pk).update(skipped=step.skipped)
            continue
        command = _write(job, item.machine, step.arguments, at)
        BulkItem.objects.filter(pk=item.pk).update(command=command)
        return command
    return None


def _write(
    job: BulkJob, machine: MachineProfile, arguments: dict[str, Any], at: datetime
) -> HeadscaleCommand:
    """Write a command in the name of who started the job; its right was asked for then."""
    command = HeadscaleCommand.objects.create(
        kind=job.kind,
        server_id=machine.server_id,
        company_code=machine.company_code,
        target_label=machine.name,
        arguments={"node_id": machine.node_id, **arguments},
        requested_by=job.requested_by,
        requested_at=at,
        priority=Priority.BULK,
        due_at=at - timedelta(seconds=LANE_BONUS_S[Priority.BULK]),
        machine=machine,
        pharmacy_id=machine.pharmacy_id,
        fingerprint=machine.machine_key,
    )
    record(
        actor=Actor(label=job.requested_by),
        action=f"command.{job.kind.lower()}",
        target=Target("machine", str(machine.pk), machine.name),
        at=at,
        company_code=machine.company_code,
        details={"command_id": command.pk, "bulk_id": job.pk, **command.arguments},
    )
    return command
