"""Machines with the status that people see."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils.translation import gettext as _

from network.looks import Look, Seen, machine_look
from network.models import (
    HeadscalePreAuthKey,
    HeadscaleServer,
    MachineProfile,
    MachineTransition,
    SavedView,
)
from network.naming import first_free, is_numbered, name_stem
from network.presence import unknown_before
from network.states import (
    MachineStatus,
)
from pharmacies.access.models import User
from pharmacies.hangul import are_initials
from pharmacies.tenancy import platform_context

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class Status(TypedDict):
        status: str

    class StatusAndKey(Status):
        key: int | None
        key_purpose: str | None

    MachineWithStatus = WithAnnotations[MachineProfile, Status]
    MachineWithKey = WithAnnotations[MachineProfile, StatusAndKey]
else:
    MachineWithStatus = MachineWithKey = MachineProfile


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


def machines_with_keys(*, at: datetime) -> QuerySet[MachineWithKey]:
    """Return the machines with `key`, our number of the key each joined with, and `key_purpose`.

    Both are None where the key is another company's, or gone.
    """
    keys = HeadscalePreAuthKey.objects.filter(
        gone_at=None, server=OuterRef("server"), key_id=OuterRef("preauth_key_id")
    )
    return machines(at=at).annotate(
        key=Subquery(keys.values("pk")[:1]), key_purpose=Subquery(keys.values("purpose")[:1])
    )


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


def successor_of(machine: MachineProfile) -> MachineProfile | None:
    """Return the machine that took another's place; None when the tenant may not see it."""
    return places_of(machine)[0] if machine.replaced_by_id else None


def places_of(machine: MachineProfile) -> tuple[MachineProfile | None, MachineProfile | None]:
    """Return who took a machine's place, and whose place it took, as far as the tenant sees them.

    Of several it replaced the first.
    """
    about = Q(replaced_by=machine.pk) | Q(pk=machine.replaced_by_id)
    rows = list(MachineProfile.objects.filter(about).order_by("pk"))
    successor = next((one for one in rows if one.pk == machine.replaced_by_id), None)
    former = next((one for one in rows if one.replaced_by_id == machine.pk), None)
    return successor, former


def name_suggestion(machine: MachineProfile) -> str:
    """Return a name that every release takes and no other machine of the server has.

    A name that looks so already is suggested itself.
    """
    stem = name_stem(pharmacy_id=machine.pharmacy_id, role=machine.role, hostname=machine.hostname)
    with platform_context():
        rows = MachineProfile.objects.filter(server_id=machine.server_id, gone_at=None)
        alike = rows.filter(name__startswith=f"{stem}-").exclude(pk=machine.pk)
        taken = set(alike.values_list("name", flat=True))
    if is_numbered(machine.name, stem) and machine.name not in taken:
        return machine.name
    return first_free(stem, taken)


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


def recent_transitions(*, most: int) -> QuerySet[MachineTransition]:
    """Return the newest changes of state of the tenant's machines."""
    seen = Exists(MachineProfile.objects.filter(gone_at=None, pk=OuterRef("machine_id")))
    # Chosen apart: beside the joins, SQLite would read all that ever happened, and sort it.
    newest = MachineTransition.objects.filter(seen).exclude(from_state="").order_by("-pk")
    rows = MachineTransition.objects.filter(pk__in=newest.values("pk")[:most])
    return rows.select_related("machine", "machine__pharmacy").order_by("-pk")


def saved_views(*, user: User) -> QuerySet[SavedView]:
    """Return a person's own ways of looking at the machine list, by name."""
    return SavedView.objects.filter(user=user).order_by("name")
