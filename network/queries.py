"""The read door of the network: machines with the status that people see, commands, servers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from network.gauge import Gauge, measure
from network.headscale.features import FEATURES, Feature, lacks, release_of
from network.looks import Look, Seen, machine_look
from network.models import (
    BulkItem,
    BulkJob,
    HeadscaleApiKey,
    HeadscaleCommand,
    HeadscalePreAuthKey,
    HeadscaleServer,
    HeadscaleUser,
    MachineProfile,
    MachineTransition,
    PharmacyLink,
    PolicyVersion,
    SavedView,
    SyncRun,
)
from network.presence import unknown_before
from network.states import (
    IN_LANE,
    WAITING,
    CommandKind,
    CommandState,
    KeyState,
    MachineStatus,
    SyncOutcome,
)
from pharmacies.access.models import User
from pharmacies.hangul import are_initials
from pharmacies.tenancy import platform_context

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Status(TypedDict):
        status: str

    class State(TypedDict):
        state: str

    class Counts(TypedDict):
        total: int
        skipped: int
        succeeded: int
        failed: int

    MachineWithStatus = WithAnnotations[MachineProfile, Status]
    KeyWithState = WithAnnotations[HeadscalePreAuthKey, State]
    JobWithCounts = WithAnnotations[BulkJob, Counts]
else:
    MachineWithStatus = MachineProfile
    KeyWithState = HeadscalePreAuthKey
    JobWithCounts = BulkJob


class AmbiguousServerError(LookupError):
    """Several servers exist and the question does not say which."""

    code = "server_required"

    def __init__(self) -> None:
        self.sentence = _("서버가 여러 대입니다. ?server= 로 서버를 지정해 주십시오.")
        super().__init__(self.sentence)


def stale_before(at: datetime) -> datetime:
    """Return the time before which a confirmed picture says nothing about now."""
    return unknown_before(at, settings.FARMQ_SYNC_INTERVAL)


def machines(*, at: datetime) -> QuerySet[MachineWithStatus]:
    """Return the machines that the engine lists, each with `status` as of `at`.

    Unknown (the picture is older than three intervals) wins over expired, online and offline.
    """
    unconfirmed = Q(server__confirmed_at__isnull=True) | Q(
        server__confirmed_at__lt=stale_before(at)
    )
    status = Case(
        When(unconfirmed, then=Value(MachineStatus.UNKNOWN.value)),
        When(expires_at__lte=at, then=Value(MachineStatus.EXPIRED.value)),
        When(online=True, then=Value(MachineStatus.ONLINE.value)),
        default=Value(MachineStatus.OFFLINE.value),
        output_field=CharField(),
    )
    rows = MachineProfile.objects.filter(gone_at=None).annotate(status=status)
    return rows.select_related("server", "pharmacy", "pharmacy__company")


def look_of(machine: MachineWithStatus, *, at: datetime) -> Look:
    """Return what a person reads of a machine as of `at`: engine × expiry × age × guard."""
    server = machine.server
    if server.confirmed_at is None:
        age = "never"
    elif machine.status == MachineStatus.UNKNOWN:
        age = "stale"
    else:
        age = "held" if server.held_since_at is not None else "fresh"
    over = machine.expires_at is not None and machine.expires_at <= at
    return machine_look(Seen(machine.online, over, machine.parked_at is not None, age))


def successors(machine: MachineProfile) -> QuerySet[MachineProfile]:
    """Return the machines that could take another's place: of its server, the newest first."""
    rows = MachineProfile.objects.filter(server_id=machine.server_id, gone_at=None)
    rows = rows.filter(Q(pharmacy=None) | Q(pharmacy_id=machine.pharmacy_id))
    return rows.exclude(pk=machine.pk).order_by("-first_seen_at", "-pk")


def neighbours_routes(*, machine: MachineProfile) -> dict[str, list[str]]:
    """Return the approved or announced routes of the other machines of a server, by their names.

    An overlap concerns whoever may see it: machines of other companies are counted, not named.
    """
    with platform_context():
        rows = MachineProfile.objects.filter(server_id=machine.server_id, gone_at=None)
        rows = rows.exclude(pk=machine.pk).exclude(announced_routes=[], approved_routes=[])
        found = list(
            rows.values_list("name", "company_code", "announced_routes", "approved_routes")
        )
    routes: dict[str, list[str]] = {}
    for name, company_code, announced, approved in found:
        shown = name if company_code == machine.company_code else str(_("다른 약국의 머신"))
        routes.setdefault(shown, []).extend(sorted({*announced, *approved}))
    return routes


def machines_with_routes(*, at: datetime) -> QuerySet[MachineWithStatus]:
    """Return the tenant's machines that announce a route or have one approved, by name."""
    rows = machines(at=at).exclude(announced_routes=[], approved_routes=[])
    return rows.order_by("name", "pk")


def routes_by_machine(*, server_id: int) -> list[tuple[int, str, str | None, list[str]]]:
    """Return every machine of a server that has routes: number, name, company, its routes.

    Of all companies, because routes overlap across them; the caller tells no stranger's name.
    """
    with platform_context():
        rows = MachineProfile.objects.filter(server_id=server_id, gone_at=None)
        rows = rows.exclude(announced_routes=[], approved_routes=[]).order_by("pk")
        columns = ("pk", "name", "company_code", "announced_routes", "approved_routes")
        return [
            (number, name, company_code, sorted({*announced, *approved}))
            for number, name, company_code, announced, approved in rows.values_list(*columns)
        ]


def machine_counts(*, at: datetime) -> dict[str, int]:
    """Return status → number of machines, for the statuses that occur."""
    rows = machines(at=at).values_list("status").annotate(number=Count("pk")).order_by()
    return dict(rows.values_list("status", "number"))


def matching(rows: QuerySet[MachineWithStatus], *, text: str) -> QuerySet[MachineWithStatus]:
    """Keep the machines whose names, address, pharmacy or business number contain the text.

    A word of initial consonants (ㄱㄴㄷ) finds the names whose syllables begin so.
    """
    found = rows
    for word in text.split()[:5]:
        if are_initials(word):
            found = found.filter(
                Q(initials__icontains=word) | Q(pharmacy__initials__icontains=word)
            )
            continue
        found = found.filter(
            Q(name__icontains=word)
            | Q(hostname__icontains=word)
            | Q(addresses__icontains=word)
            | Q(pharmacy__pharmacy_name__icontains=word)
            | Q(pharmacy__business_number__icontains=word.replace("-", ""))
        )
    return found


def systems_and_clients() -> tuple[list[str], list[str]]:
    """Return the operating systems and client versions of the tenant's machines, in one read."""
    rows = MachineProfile.objects.filter(gone_at=None).order_by()
    pairs = set(rows.values_list("os", "client_version").distinct())
    systems = sorted({system for system, _client in pairs if system})
    return systems, sorted({client for _system, client in pairs if client})


def expiring_within(
    rows: QuerySet[MachineWithStatus], *, at: datetime, days: int
) -> QuerySet[MachineWithStatus]:
    """Keep the machines whose login ends within so many days from `at`."""
    return rows.filter(expires_at__gt=at, expires_at__lte=at + timedelta(days=days))


def servers() -> QuerySet[HeadscaleServer]:
    """Return every server, by number."""
    return HeadscaleServer.objects.order_by("pk")


def servers_with_readings() -> QuerySet[HeadscaleServer]:
    """Return every server with what the slower cycle has read of it, in one more statement."""
    return servers().prefetch_related("readings")


def missing_features(server: HeadscaleServer) -> list[Feature]:
    """Return what a server's release cannot do; title and sentence are still to be translated."""
    release = release_of(server.series)
    return [feature for name, feature in FEATURES.items() if lacks(release, name) is not None]


def headscale_users() -> QuerySet[HeadscaleUser]:
    """Return the users that the engines list; they belong to the platform."""
    rows = HeadscaleUser.objects.filter(gone_at=None).select_related("server")
    return rows.order_by("server_id", "headscale_user_id")


def last_cross_check(*, server_id: int) -> HeadscaleCommand | None:
    """Return the newest finished comparison of our picture with a server's own list."""
    rows = HeadscaleCommand.objects.filter(
        server_id=server_id, kind=CommandKind.CROSS_CHECK, state=CommandState.SUCCEEDED
    )
    return rows.order_by("-pk").first()


def link_of(user: HeadscaleUser) -> PharmacyLink | None:
    """Return whose an engine's user is; None when it is no pharmacy's."""
    links = PharmacyLink.objects.select_related("pharmacy")
    return links.filter(server_id=user.server_id, headscale_user_id=user.headscale_user_id).first()


def preauth_keys(*, at: datetime) -> QuerySet[KeyWithState]:
    """Return the tenant's pre-auth keys, newest first, each with `state` as of `at`.

    Revoked (ended by us) wins over expired, used (a single-use key that was used) and valid.
    """
    state = Case(
        When(revoked_at__isnull=False, then=Value(KeyState.REVOKED.value)),
        When(used=True, reusable=False, then=Value(KeyState.USED.value)),
        When(expires_at__lte=at, then=Value(KeyState.EXPIRED.value)),
        default=Value(KeyState.VALID.value),
        output_field=CharField(),
    )
    rows = HeadscalePreAuthKey.objects.filter(gone_at=None).annotate(state=state)
    return rows.select_related("server", "pharmacy").order_by("-pk")


def api_keys() -> QuerySet[HeadscaleApiKey]:
    """Return the keys of programs that the engines list; they belong to the platform."""
    rows = HeadscaleApiKey.objects.filter(gone_at=None).select_related("server")
    return rows.order_by("-pk")


def machine_by_node(*, node_id: int, at: datetime, server: str | None = None) -> MachineWithStatus:
    """Return the machine with an engine's node id; with one server its slug may be left out.

    Raises MachineProfile.DoesNotExist, or AmbiguousServerError when the slug is needed.
    """
    found = machines(at=at).filter(node_id=node_id)
    if server is None and HeadscaleServer.objects.count() > 1:
        raise AmbiguousServerError
    return (found.filter(server__slug=server) if server else found).get()


def get_headscale_online_status(*, at: datetime) -> dict[str, bool]:
    """Return lower-cased machine name → online, as the first seed of the project defines it.

    Only a confirmed, literal true counts. Names may collide; everything internal goes by id.
    """
    confirmed = Q(server__confirmed_at__gte=stale_before(at))
    rows = MachineProfile.objects.filter(gone_at=None).annotate(
        surely=Case(When(confirmed, then="online"), default=Value(False))
    )
    return {name.lower(): surely for name, surely in rows.values_list("name", "surely")}


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


def gauge(*, server_id: int) -> Gauge:
    """Return what a server bears now: of its newest lists and changes."""
    series = HeadscaleServer.objects.values_list("series", flat=True).get(pk=server_id)
    runs = SyncRun.objects.filter(server_id=server_id, outcome=SyncOutcome.APPLIED)
    newest = list(runs.order_by("-pk").values_list("machines", "list_bytes", "engine_seconds")[:10])
    with platform_context():
        changes = HeadscaleCommand.objects.filter(
            server_id=server_id, state=CommandState.SUCCEEDED, seconds__isnull=False
        ).order_by("-pk")
        seconds = list(changes.values_list("seconds", flat=True)[:10])
    return measure(
        machines=newest[0][0] if newest else 0,
        list_bytes=newest[0][1] if newest else 0,
        changes_s=[value for value in seconds if value is not None],
        lists_s=[row[2] for row in newest],
        release=release_of(series),
    )


def command_counts() -> dict[str, int]:
    """Return state → number of commands, for the states that occur."""
    rows = HeadscaleCommand.objects.values_list("state").annotate(number=Count("pk")).order_by()
    return dict(rows.values_list("state", "number"))


def recent_transitions(*, most: int) -> QuerySet[MachineTransition]:
    """Return the newest changes of state of the tenant's machines."""
    seen = Exists(MachineProfile.objects.filter(gone_at=None, pk=OuterRef("machine_id")))
    # Chosen apart: beside the joins, SQLite would read all that ever happened, and sort it.
    newest = MachineTransition.objects.filter(seen).exclude(from_state="").order_by("-pk")
    rows = MachineTransition.objects.filter(pk__in=newest.values("pk")[:most])
    return rows.select_related("machine", "machine__pharmacy").order_by("-pk")


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


def saved_views(*, user: User) -> QuerySet[SavedView]:
    """Return a person's own ways of looking at the machine list, by name."""
    return SavedView.objects.filter(user=user).order_by("name")


def policy_versions() -> QuerySet[PolicyVersion]:
    """Return every version of every server's policy, newest first; they are the platform's."""
    return PolicyVersion.objects.select_related("server").order_by("-pk")
