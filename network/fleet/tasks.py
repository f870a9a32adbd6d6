"""What the fleet does by itself: an engine that begins empty begins isolated."""

from __future__ import annotations

import logging

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
            if standings[server.pk].standing == PolicyStanding.NONE and _is_new(server):
                _begin(server)


def _is_new(server: HeadscaleServer) -> bool:
    """Say whether nothing is there yet, by a list that was read and found empty."""
    has_machines = MachineProfile.objects.filter(server=server).exists()
    had_policy = PolicyVersion.objects.filter(server=server).exists()
    is_known = server.confirmed_at is not None and bool(server.series)
    return is_known and not has_machines and not had_policy


def _begin(server: HeadscaleServer) -> None:
    try:
        operations.set_generated_policy(
            actor=ACTOR, at=timezone.now(), server_id=server.pk, base_sha256=""
        )
    except (ValidationError, NetworkConflictError):
        logger.warning("first policy refused", extra={"server": server.slug}, exc_info=True)
