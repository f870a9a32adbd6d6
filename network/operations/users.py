"""Changes of an engine's users."""

from __future__ import annotations

from datetime import datetime

from network.models import HeadscaleCommand, HeadscaleServer
from network.operations.asking import ensure_user
from pharmacies.access.actor import Actor
from pharmacies.access.permissions import require
from pharmacies.models import Pharmacy
from pharmacies.tenancy import tenant_transaction


def create_user(
    *, actor: Actor, at: datetime, pharmacy_id: int, server_id: int
) -> HeadscaleCommand | None:
    """Ask for the pharmacy's user on a server; None when it has one or one is on its way.

    Raises PermissionDenied, Pharmacy.DoesNotExist, HeadscaleServer.DoesNotExist.
    """
    pharmacy = Pharmacy.objects.get(pk=pharmacy_id)
    require(actor, "keys:create", company_code=pharmacy.company_id)
    server = HeadscaleServer.objects.get(pk=server_id)
    with tenant_transaction(durable=True):
        return ensure_user(actor, at, pharmacy, server)
