"""What the fleet does by itself: an engine that begins empty begins isolated."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from celery import shared_task
from django.core.exceptions import ValidationError
from django.utils import timezone

from network import operations, policies, queries
from network.models import HeadscaleServer, MachineProfile, PolicyVersion
from network.operations import NetworkConflictError
from network.states import PolicyStanding
from pharmacies.access.actor import system_actor
from pharmacies.tenancy import platform_context

logger = logging.getLogger(__name__)

ACTOR = system_actor("first-policy")
_AGAIN = timedelta(hours=1)


@shared_task(queue="default")
def begin_isolated() -> None:
    """Give the made policy to engines that never had one and have no machines yet.

    With machines it is a person's decision: whoever relies on an open network would be cut off.
    """
    at = timezone.now()
    with platform_context():
        servers = list(queries.servers())
        standings = policies.standings((server.pk for server in servers), at=at)
        for server in servers:
            if standings[server.pk].standing == PolicyStanding.NONE and _is_new(server, at):
                _begin(server)


def _is_new(server: HeadscaleServer, at: datetime) -> bool:
    """Say whether nothing is there yet, by a list that was read and found empty.

    What we tried within the hour counts as there: a beginning that failed is tried again later.
    """
    has_machines = MachineProfile.objects.filter(server=server).exists()
    versions = PolicyVersion.objects.filter(server=server)
    tried = versions.filter(created_by=ACTOR.label, in_force_at=None)
    begun = versions.exclude(pk__in=tried.values("pk")).exists()
    just_tried = tried.filter(created_at__gt=at - _AGAIN).exists()
    is_known = server.confirmed_at is not None and bool(server.series)
    return is_known and not (has_machines or begun or just_tried)


def _begin(server: HeadscaleServer) -> None:
    try:
        operations.set_generated_policy(
            actor=ACTOR, at=timezone.now(), server_id=server.pk, base_sha256=""
        )
    except (ValidationError, NetworkConflictError) as error:
        reason = "; ".join(getattr(error, "messages", None) or [str(error)])
        logger.warning("first policy refused", extra={"server": server.slug, "error": reason})
