"""The slower cycle: what changes rarely is read once a minute, each with an age of its own."""

from __future__ import annotations

import logging
from datetime import datetime

from network.headscale.client import HeadscaleClient, HeadscaleError
from network.headscale.types import User
from network.models import HeadscaleServer, HeadscaleUser
from pharmacies.tenancy import platform_context, tenant_transaction

logger = logging.getLogger(__name__)

_RELEASE_LIMIT = 60


def read_slowly(*, server_id: int, client: HeadscaleClient, at: datetime) -> bool:
    """Read release and users of a server; False when the engine did not answer.

    An answer that fails changes nothing. Policy and keys are never read here.
    """
    try:
        release, users = client.version(), client.users()
    except HeadscaleError as error:
        logger.warning("slow cycle failed", extra={"server": server_id, "error_code": error.code})
        return False
    with platform_context(), tenant_transaction():
        HeadscaleServer.objects.filter(pk=server_id).update(release=release.text[:_RELEASE_LIMIT])
        _store_users(server_id, users, at)
    return True


def _store_users(server_id: int, users: tuple[User, ...], at: datetime) -> None:
    rows = [
        HeadscaleUser(
            server_id=server_id,
            headscale_user_id=user.id,
            name=user.name,
            display_name=user.display_name,
            confirmed_at=at,
            gone_at=None,
        )
        for user in users
    ]
    HeadscaleUser.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["server", "headscale_user_id"],
        update_fields=["name", "display_name", "confirmed_at", "gone_at"],
    )
    HeadscaleUser.objects.filter(server_id=server_id, confirmed_at__lt=at, gone_at=None).update(
        gone_at=at
    )
