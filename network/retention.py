"""How long rows that grow are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from network.models import HeadscaleCommand, MachineState, MachineTransition, SyncRun
from network.states import FINAL, SyncOutcome
from pharmacies.access.models import IdempotencyRecord
from pharmacies.tenancy import platform_context

SYNC_RUNS = timedelta(days=14)
FAILED_SYNC_RUNS = timedelta(days=90)
COMMANDS = timedelta(days=730)
HISTORY = timedelta(days=730)
IDEMPOTENCY_RECORDS = timedelta(hours=24)


def prune(*, at: datetime) -> dict[str, int]:
    """Delete what has outlived its time; returns table name → rows deleted.

    Open intervals, unfinished commands and unjudged transitions always stay.
    """
    runs = SyncRun.objects.filter(started_at__lt=at - SYNC_RUNS)
    applied = runs.filter(outcome=SyncOutcome.APPLIED)
    failed = SyncRun.objects.filter(started_at__lt=at - FAILED_SYNC_RUNS)
    transitions = MachineTransition.objects.filter(at__lt=at - HISTORY, judged_at__isnull=False)
    with platform_context():
        commands = HeadscaleCommand.objects.filter(requested_at__lt=at - COMMANDS, state__in=FINAL)
        return {
            "sync_runs": applied.delete()[0] + failed.delete()[0],
            "transitions": transitions.delete()[0],
            "intervals": MachineState.objects.filter(ended_at__lt=at - HISTORY).delete()[0],
            "commands": commands.delete()[0],
            "idempotency_records": IdempotencyRecord.objects.filter(
                created_at__lt=at - IDEMPOTENCY_RECORDS
            ).delete()[0],
        }
