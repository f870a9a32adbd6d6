"""Holding our picture against the engine itself."""

from __future__ import annotations

from datetime import datetime

from network.models import HeadscaleCommand, HeadscaleServer
from network.operations.asking import of_server, request_change
from network.states import CommandKind
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target
from pharmacies.access.permissions import require


def cross_check(*, actor: Actor, at: datetime, server_id: int) -> HeadscaleCommand:
    """Ask for a fresh list and the differences to our rows. Commits a command that only reads.

    Raises PermissionDenied, HeadscaleServer.DoesNotExist.
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "servers:check")
    target = Target("server", str(server.pk), server.name)
    return request_change(actor, at, of_server(server, CommandKind.CROSS_CHECK, target))
