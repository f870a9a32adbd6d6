"""Our copies of what an engine lists besides machines: users, pre-auth keys, API keys.

Each list is stored whole or not at all, in the caller's transaction; what is no longer listed
keeps its row and gets a `gone_at`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from network.headscale.redaction import redact
from network.headscale.types import ApiKey, PreAuthKey, User
from network.headscale_db.window import MachineDetail
from network.models import (
    HeadscaleApiKey,
    HeadscalePreAuthKey,
    HeadscaleUser,
    MachineProfile,
    PharmacyLink,
)

_SHOWN_LIMIT = 40


def store_users(server_id: int, users: tuple[User, ...], at: datetime) -> dict[str, Any]:
    """Store the users of a server as read at `at`."""
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
    return {"count": len(rows)}


def store_preauth_keys(
    server_id: int, keys: tuple[PreAuthKey, ...], at: datetime
) -> dict[str, Any]:
    """Store the pre-auth keys of a server without their secrets; what is ours of them stays."""
    owners = {
        link.headscale_user_id: link for link in PharmacyLink.objects.filter(server_id=server_id)
    }
    rows = [_key_row(server_id, key, owners, at) for key in keys]
    HeadscalePreAuthKey.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["server", "key_id"],
        update_fields=[
            *("company_code", "pharmacy", "headscale_user_id", "user_name", "shown", "reusable"),
            *("ephemeral", "used", "tags", "expires_at", "created_at", "confirmed_at", "gone_at"),
        ],
    )
    HeadscalePreAuthKey.objects.filter(
        server_id=server_id, confirmed_at__lt=at, gone_at=None
    ).update(gone_at=at)
    return {"count": len(rows)}


def _key_row(
    server_id: int, key: PreAuthKey, owners: dict[int, PharmacyLink], at: datetime
) -> HeadscalePreAuthKey:
    link = owners.get(key.user.id) if key.user else None
    return HeadscalePreAuthKey(
        server_id=server_id,
        key_id=key.id,
        company_code=link.company_code if link else None,
        pharmacy_id=link.pharmacy_id if link else None,
        headscale_user_id=key.user.id if key.user else None,
        user_name=key.user.name if key.user else "",
        # Up to 0.27, and for keys older than 0.28, the list holds the secret itself.
        shown=redact(key.key)[:_SHOWN_LIMIT],
        reusable=key.reusable,
        ephemeral=key.ephemeral,
        used=key.used,
        tags=list(key.tags),
        expires_at=key.expires_at,
        created_at=key.created_at,
        confirmed_at=at,
        gone_at=None,
    )


def store_api_keys(server_id: int, keys: tuple[ApiKey, ...], at: datetime) -> dict[str, Any]:
    """Store the API keys of a server; lists show only how each begins."""
    rows = [
        HeadscaleApiKey(
            server_id=server_id,
            key_id=key.id,
            prefix=key.prefix,
            expires_at=key.expires_at,
            created_at=key.created_at,
            last_seen_at=key.last_seen_at,
            confirmed_at=at,
            gone_at=None,
        )
        for key in keys
    ]
    HeadscaleApiKey.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["server", "key_id"],
        update_fields=[
            *("prefix", "expires_at", "created_at", "last_seen_at", "confirmed_at", "gone_at"),
        ],
    )
    HeadscaleApiKey.objects.filter(server_id=server_id, confirmed_at__lt=at, gone_at=None).update(
        gone_at=at
    )
    return {"count": len(rows)}


_DETAILS = ("os", "os_version", "client_version", "endpoints", "home_derp")


def store_details(server_id: int, found: dict[int, MachineDetail], at: datetime) -> dict[str, Any]:
    """Store what devices told of themselves, for the machines whose number and key both fit.

    Only rows in which something differs are written.
    """
    changed = []
    for machine in MachineProfile.objects.filter(server_id=server_id, gone_at=None):
        detail = found.get(machine.node_id)
        if detail is None or detail.machine_key != machine.machine_key:
            continue
        if _fill_details(machine, detail):
            machine.details_at = at
            changed.append(machine)
    MachineProfile.objects.bulk_update(changed, [*_DETAILS, "details_at"], batch_size=500)
    return {"count": len(found), "changed": len(changed)}


def _fill_details(machine: MachineProfile, detail: MachineDetail) -> bool:
    derp = "" if detail.home_derp is None else str(detail.home_derp)
    values = {
        "os": detail.os,
        "os_version": detail.os_version,
        "client_version": detail.client_version,
        "endpoints": list(detail.endpoints),
        "home_derp": derp,
    }
    differing = {name: value for name, value in values.items() if getattr(machine, name) != value}
    for name, value in differing.items():
        setattr(machine, name, value)
    return bool(differing)
