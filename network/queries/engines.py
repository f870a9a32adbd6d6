"""Engines, and what belongs to them: users, keys, versions of the policy."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from django.db.models import Case, CharField, QuerySet, Value, When

from network.gauge import Gauge, measure
from network.headscale.features import FEATURES, Feature, lacks, release_of
from network.models import (
    HeadscaleApiKey,
    HeadscaleCommand,
    HeadscalePreAuthKey,
    HeadscaleServer,
    HeadscaleUser,
    PharmacyLink,
    PolicyVersion,
    SyncRun,
)
from network.states import (
    CommandState,
    KeyState,
    SyncOutcome,
)
from pharmacies.tenancy import platform_context

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

    class State(TypedDict):
        state: str

    KeyWithState = WithAnnotations[HeadscalePreAuthKey, State]
else:
    KeyWithState = HeadscalePreAuthKey


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


def headscale_users() -> QuerySet[HeadscaleUser]:
    """Return the users that the engines list; they belong to the platform."""
    rows = HeadscaleUser.objects.filter(gone_at=None).select_related("server")
    return rows.order_by("server_id", "headscale_user_id")


def link_of(user: HeadscaleUser) -> PharmacyLink | None:
    """Return whose an engine's user is; None when it is no pharmacy's."""
    links = PharmacyLink.objects.select_related("pharmacy")
    return links.filter(server_id=user.server_id, headscale_user_id=user.headscale_user_id).first()


def links() -> QuerySet[PharmacyLink]:
    """Return which user of which server is which pharmacy's, by pharmacy."""
    rows = PharmacyLink.objects.select_related("pharmacy", "server")
    return rows.order_by("pharmacy__pharmacy_name", "pk")


def sync_runs() -> QuerySet[SyncRun]:
    """Return the synchronisations of all servers, newest first."""
    return SyncRun.objects.select_related("server").order_by("-pk")


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


def policy_versions() -> QuerySet[PolicyVersion]:
    """Return every version of every server's policy, newest first; they are the platform's."""
    return PolicyVersion.objects.select_related("server").order_by("-pk")
