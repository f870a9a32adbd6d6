"""What is deleted after its time, and what always stays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from network.models import (
    HeadscaleCommand,
    HeadscaleServer,
    MachineState,
    MachineTransition,
    SyncRun,
)
from network.retention import prune
from network.states import CommandKind, CommandState, SyncOutcome
from network.tests.lanes import Lane
from network.tests.situations import NOW
from pharmacies.access.models import IdempotencyRecord

TWO_YEARS = 730


@pytest.mark.parametrize(
    ("outcome", "days", "kept"),
    [
        (SyncOutcome.APPLIED, 13.9, True),
        (SyncOutcome.APPLIED, 14.1, False),
        (SyncOutcome.FAILED, 14.1, True),
        (SyncOutcome.HELD, 89.9, True),
        (SyncOutcome.FAILED, 90.1, False),
        (SyncOutcome.HELD, 90.1, False),
        (SyncOutcome.STALE, 90.1, False),
    ],
)
def test_sync_runs_stay_two_weeks_and_failed_ones_three_months(
    server: HeadscaleServer, outcome: SyncOutcome, days: float, kept: bool
) -> None:
    started_at = NOW - timedelta(days=days)
    SyncRun.objects.create(server=server, generation=1, started_at=started_at, outcome=outcome)

    deleted = prune(at=NOW)

    assert SyncRun.objects.exists() is kept
    assert deleted["sync_runs"] == (0 if kept else 1)


@pytest.mark.parametrize("state", CommandState)
def test_only_final_commands_are_deleted_after_two_years(
    server: HeadscaleServer, state: CommandState
) -> None:
    for days in (TWO_YEARS - 1, TWO_YEARS + 1):
        HeadscaleCommand.objects.create(
            server=server
            if days < TWO_YEARS
            else HeadscaleServer.objects.create(slug="b", name="b"),
            kind=CommandKind.RENAME_NODE,
            state=state,
            requested_at=NOW - timedelta(days=days),
            due_at=NOW - timedelta(days=days),
        )

    prune(at=NOW)

    final = state in ("SUCCEEDED", "FAILED", "NEEDS_HUMAN", "CANCELLED")
    assert HeadscaleCommand.objects.count() == (1 if final else 2)


def test_open_intervals_and_unjudged_transitions_stay(lane: Lane) -> None:
    old = NOW - timedelta(days=TWO_YEARS + 1)
    MachineState.objects.update(started_at=old)
    MachineTransition.objects.update(at=old)
    machine = lane.machine(1)
    closed = MachineState.objects.create(
        machine=machine, state="OFFLINE", started_at=old, ended_at=old, generation=1
    )
    judged = MachineTransition.objects.create(
        machine=machine, to_state="OFFLINE", at=old, generation=1, judged_at=old
    )

    deleted = prune(at=NOW)

    assert (deleted["intervals"], deleted["transitions"]) == (1, 1)
    assert not MachineState.objects.filter(pk=closed.pk).exists()
    assert not MachineTransition.objects.filter(pk=judged.pk).exists()
    assert MachineState.objects.filter(ended_at=None).count() == 2
    assert MachineTransition.objects.filter(judged_at=None).count() == 2


def test_the_answers_of_repeated_requests_stay_a_day(server: HeadscaleServer) -> None:
    for hours in (23, 25):
        IdempotencyRecord.objects.create(
            actor_label="a", route="r", key=str(hours), created_at=NOW - timedelta(hours=hours)
        )

    prune(at=NOW)

    assert [record.key for record in IdempotencyRecord.objects.all()] == ["23"]
