"""What the operator must see first: sums that hold, and the problems by their weight."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict

from django.conf import settings
from django.db.models import (
    Count,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Sum,
)
from django.urls import reverse
from django.utils.translation import gettext as _

from network import queries
from network.looks import POLICY_LOOKS
from network.models import (
    HeadscaleCommand,
    HeadscaleServer,
    HeadscaleUser,
    MachineProfile,
    PharmacyLink,
    SyncRun,
)
from network.policies import standings
from network.presence import Verdict, is_confirmed
from network.states import CommandState, MachineStatus, PolicyStanding, SyncOutcome
from pharmacies.models import Pharmacy
from pharmacies.tenancy import current_tenant

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class PresenceCounts(TypedDict):
        machine_count: int
        online_count: int
        fresh_count: int
        confirmed_at: datetime | None

    PharmacyWithPresence = WithAnnotations[Pharmacy, PresenceCounts]
else:
    PharmacyWithPresence = Pharmacy

MOST_PROBLEMS = 6
PHARMACY_STATUSES = (
    "ok",
    "partial",
    "down",
    "checking",
    "closed",
    "planned",
    "unknown",
    "inactive",
)
_PARTIAL = Q(unknown_count=0, online_count__gt=0, online_count__lt=F("total"))


@dataclass(frozen=True, slots=True)
class Stats:
    """Counts of one moment. Each machine and each pharmacy is counted once.

    `machines` by `network.states.MachineStatus`, `pharmacies` by PHARMACY_STATUSES. `as_of` is the
    oldest confirmation among the servers (None before the first), `stale` when it is too old.
    """

    machines: dict[str, int]
    pharmacies: dict[str, int]
    as_of: datetime | None
    stale: bool

    @property
    def total_machines(self) -> int:
        return sum(self.machines.values())

    @property
    def total_pharmacies(self) -> int:
        return sum(self.pharmacies.values())


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that needs a person: `state` names its shape and colour, `url` leads to it."""

    state: str
    word: str
    title: str
    text: str
    url: str
    since_at: datetime | None


@dataclass(frozen=True, slots=True)
class Problems:
    """The heaviest problems, at most MOST_PROBLEMS, and how many there are in all."""

    shown: tuple[Problem, ...]
    total: int

    @property
    def hidden(self) -> int:
        return self.total - len(self.shown)


@dataclass(frozen=True, slots=True)
class PharmacyPresence:
    """How many machines a pharmacy has, and how many of them are online or not known."""

    total: int
    online: int
    unknown: int

    @property
    def status(self) -> str:
        """Say how the pharmacy is; opening hours are not known yet, so nobody is 'closed'."""
        if not self.total:
            return "inactive"
        if self.unknown:
            return "unknown"
        if self.online == self.total:
            return "ok"
        return "partial" if self.online else "down"


def pharmacies_with_presence(*, at: datetime) -> QuerySet[PharmacyWithPresence]:
    """Return the pharmacies, each with its numbers of machines (see `PresenceCounts`)."""
    listed = Q(machines__isnull=False, machines__gone_at=None)
    fresh = Q(machines__server__confirmed_at__gte=queries.stale_before(at))
    valid = Q(machines__expires_at=None) | Q(machines__expires_at__gt=at)
    online = listed & fresh & valid & Q(machines__online=True)
    return Pharmacy.objects.annotate(
        machine_count=Count("machines", filter=listed),
        online_count=Count("machines", filter=online),
        fresh_count=Count("machines", filter=listed & fresh),
        confirmed_at=Min("machines__server__confirmed_at", filter=listed),
    )


def pharmacy_users(*, pharmacy_id: int) -> QuerySet[HeadscaleUser]:
    """Return the users of a pharmacy that its engines list, by our links alone."""
    links = PharmacyLink.objects.filter(
        pharmacy_id=pharmacy_id,
        server=OuterRef("server"),
        headscale_user_id=OuterRef("headscale_user_id"),
    )
    return queries.headscale_users().filter(Exists(links))


def dashboard_stats(*, at: datetime, servers: list[HeadscaleServer]) -> Stats:
    """Count machines and pharmacies in two statements; give it the servers of the same moment."""
    counted = _presences(at).aggregate(
        **{status: Sum(f"{status.lower()}_count") for status in MachineStatus.values},
        placed=Count("pharmacy_id"),
        unknown=Count("pharmacy_id", filter=Q(unknown_count__gt=0)),
        ok=Count("pharmacy_id", filter=Q(online_count=F("total"))),
        partial=Count("pharmacy_id", filter=_PARTIAL),
        down=Count("pharmacy_id", filter=Q(unknown_count=0, online_count=0)),
    )
    inactive = Pharmacy.objects.count() - counted["placed"]
    confirmations = [server.confirmed_at for server in servers]
    known = [moment for moment in confirmations if moment is not None]
    as_of = min(known) if known and len(known) == len(servers) else None
    return Stats(
        machines={status: counted[status] or 0 for status in MachineStatus.values},
        pharmacies={
            status: inactive if status == "inactive" else counted.get(status, 0)
            for status in PHARMACY_STATUSES
        },
        as_of=as_of,
        stale=not is_confirmed(as_of, at, settings.FARMQ_SYNC_INTERVAL),
    )


def _presences(at: datetime) -> QuerySet[MachineProfile, Any]:
    """Return one row a pharmacy that has machines, and one for those that stand in none.

    `total` machines, and of them the number in each status, such as `online_count`.
    """
    counts = {
        f"{status.lower()}_count": Count("pk", filter=Q(status=status))
        for status in MachineStatus.values
    }
    rows: QuerySet[MachineProfile, Any] = queries.machines(at=at).order_by().values("pharmacy_id")
    return rows.annotate(total=Count("pk"), **counts)


def problems(*, at: datetime, servers: list[HeadscaleServer], stats: Stats) -> Problems:
    """Return what needs a person, heaviest first; give it the sums of the same moment.

    Order: engines that do not answer or whose list is held; engines whose policy does not provably
    keep the pharmacies apart, told to the platform's staff; commands that need a person or whose
    outcome is being settled; pharmacies with some machines missing (the smaller the share online,
    then the longer, the higher). Pharmacies that are dark as a whole wait for opening hours.
    """
    blind = [server for server in servers if _is_blind(server, at)]
    seen = [server for server in servers if server not in blind]
    engines = [*map(_engine_problem, blind), *_policy_problems(at, seen)]
    partial = stats.pharmacies["partial"]
    commands, open_commands = _command_problems()
    room = MOST_PROBLEMS - len(engines) - len(commands)
    pharmacies = _pharmacy_problems(at, room) if partial and room > 0 else []
    shown = [*engines, *commands, *pharmacies][:MOST_PROBLEMS]
    return Problems(tuple(shown), len(engines) + open_commands + partial)


def _is_blind(server: HeadscaleServer, at: datetime) -> bool:
    confirmed = is_confirmed(server.confirmed_at, at, settings.FARMQ_SYNC_INTERVAL)
    return not confirmed or server.held_since_at is not None


def _held_text(server: HeadscaleServer) -> str:
    """Say why a list is held, and whether it resolves itself or waits for a person."""
    last = SyncRun.objects.filter(server=server, outcome=SyncOutcome.HELD).order_by("-pk").first()
    if last is not None and last.error_code == Verdict.HOLD_RESTART.value:
        return _("모든 머신이 한꺼번에 꺼져 보입니다. 엔진을 다시 시작했다면 곧 저절로 풀립니다.")
    return _(
        "엔진의 목록에서 많은 머신이 사라져 반영하지 않았습니다. 서버 화면에서 받아들이거나 "
        "물리치십시오."
    )


def _engine_problem(server: HeadscaleServer) -> Problem:
    if server.held_since_at is not None:
        word = _("확인 보류")
        text = _held_text(server)
        url = reverse("admin:network_headscaleserver_change", args=[server.pk])
    else:
        word = _("확인 안 됨")
        text = _("네트워크 엔진이 응답하지 않습니다. 머신이 꺼졌다는 뜻은 아닙니다.")
        url = reverse("admin:network_syncrun_changelist")
    since_at = server.held_since_at or server.failing_since_at or server.confirmed_at
    return Problem("unknown", word, str(server), text, url, since_at)


def _policy_problems(at: datetime, servers: list[HeadscaleServer]) -> list[Problem]:
    tenant = current_tenant()
    if tenant is None or not tenant.is_platform:
        return []
    found = standings((server.pk for server in servers), at=at)
    open_ones = [
        (server, found[server.pk])
        for server in servers
        if found[server.pk].standing != PolicyStanding.ISOLATED
    ]
    return [
        Problem(
            POLICY_LOOKS[found.standing].state,
            str(POLICY_LOOKS[found.standing].word),
            str(server),
            found.words,
            reverse("admin:network_policy_editor", args=[server.pk]),
            None,
        )
        for server, found in open_ones
    ]


def _command_problems() -> tuple[list[Problem], int]:
    """Return as many as can be shown, and how many there are."""
    # By chance of the alphabet, what needs a person stands before what is still being settled.
    rows = HeadscaleCommand.objects.filter(
        state__in=(CommandState.NEEDS_HUMAN, CommandState.UNKNOWN)
    ).order_by("state", "pk")
    found = [_command_problem(command) for command in rows[:MOST_PROBLEMS]]
    return found, len(found) if len(found) < MOST_PROBLEMS else rows.count()


def _command_problem(command: HeadscaleCommand) -> Problem:
    return Problem(
        "part",
        str(command.get_state_display()),
        str(command),
        command.error or str(_("엔진이 제시간에 답하지 않아 결과를 확인하고 있습니다.")),
        reverse("admin:network_headscalecommand_change", args=[command.pk]),
        command.requested_at,
    )


def _pharmacy_problems(at: datetime, most: int) -> list[Problem]:
    rows = _presences(at).filter(_PARTIAL, pharmacy_id__isnull=False)
    heaviest = rows.annotate(
        share=ExpressionWrapper(1.0 * F("online_count") / F("total"), output_field=FloatField()),
        since_at=Min("state_since_at", filter=~Q(state=MachineStatus.ONLINE)),
    ).order_by("share", F("since_at").asc(nulls_last=True), "pharmacy_id")
    columns = ("pharmacy_id", "pharmacy__pharmacy_name", "total", "online_count", "since_at")
    return [_pharmacy_problem(*row) for row in heaviest.values_list(*columns)[:most]]


def _pharmacy_problem(
    number: int, name: str, total: int, online: int, since_at: datetime | None
) -> Problem:
    counts = {"total": total, "online": online}
    return Problem(
        "part",
        _("일부 장애"),
        name,
        _("머신 %(total)d대 중 %(online)d대 온라인") % counts,
        reverse("admin:pharmacies_pharmacy_change", args=[number]),
        since_at,
    )
