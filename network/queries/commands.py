"""Commands, the lane of a server, and jobs on many machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from django.db.models import Count, Q, QuerySet

from network.models import (
    BulkItem,
    BulkJob,
    HeadscaleCommand,
)
from network.states import (
    IN_LANE,
    WAITING,
    CommandKind,
    CommandState,
)
from pharmacies.tenancy import platform_context

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Counts(TypedDict):
        total: int
        skipped: int
        succeeded: int
        failed: int

    JobWithCounts = WithAnnotations[BulkJob, Counts]
else:
    JobWithCounts = BulkJob


def commands() -> QuerySet[HeadscaleCommand]:
    """Return the commands of the current tenant, newest first."""
    return HeadscaleCommand.objects.select_related("server").order_by("-pk")


def lane_position(*, command: HeadscaleCommand) -> int:
    """Return how many changes of the server are before this one; 0 when it is next or running.

    A lane is shared by all companies of its server, so their commands count too.
    """
    sooner = Q(due_at__lt=command.due_at) | Q(due_at=command.due_at, pk__lt=command.pk)
    ahead = Q(state__in=IN_LANE) | (Q(state__in=WAITING) & sooner)
    with platform_context():
        rows = HeadscaleCommand.objects.filter(ahead, server_id=command.server_id)
        return rows.exclude(pk=command.pk).count()


def expected_seconds(*, server_id: int) -> float | None:
    """Return the median seconds of the server's last ten changes; None without any."""
    with platform_context():
        recent = HeadscaleCommand.objects.filter(
            server_id=server_id, state=CommandState.SUCCEEDED, seconds__isnull=False
        ).order_by("-pk")
        newest = list(recent.values_list("seconds", flat=True)[:10])
    seconds = sorted(s for s in newest if s is not None)
    return seconds[len(seconds) // 2] if seconds else None


def lane_is_busy(*, server_id: int) -> bool:
    """Say whether a change of the server runs, is being settled, or waits."""
    with platform_context():
        return HeadscaleCommand.objects.filter(
            server_id=server_id, state__in=(*IN_LANE, *WAITING)
        ).exists()


def command_counts() -> dict[str, int]:
    """Return state → number of commands, for the states that occur."""
    rows = HeadscaleCommand.objects.values_list("state").annotate(number=Count("pk")).order_by()
    return dict(rows.values_list("state", "number"))


def last_cross_check(*, server_id: int) -> HeadscaleCommand | None:
    """Return the newest finished comparison of our picture with a server's own list."""
    rows = HeadscaleCommand.objects.filter(
        server_id=server_id, kind=CommandKind.CROSS_CHECK, state=CommandState.SUCCEEDED
    )
    return rows.order_by("-pk").first()


def bulk_jobs() -> QuerySet[JobWithCounts]:
    """Return the tenant's jobs on many machines, newest first, each with its counts.

    `total` items, of them `skipped`, `succeeded`, `failed` (those that need a person included).
    """
    ended = Q(items__command__state=CommandState.SUCCEEDED)
    lost = Q(items__command__state__in=(CommandState.FAILED, CommandState.NEEDS_HUMAN))
    rows = BulkJob.objects.annotate(
        total=Count("items"),
        skipped=Count("items", filter=~Q(items__skipped="")),
        succeeded=Count("items", filter=ended),
        failed=Count("items", filter=lost),
    )
    return rows.order_by("-pk")


def bulk_items(job: BulkJob) -> QuerySet[BulkItem]:
    """Return the machines of a job that the tenant may see, in the order of their turns."""
    rows = BulkItem.objects.filter(job=job).select_related("machine", "command")
    return rows.order_by("pk")
