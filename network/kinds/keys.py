"""Changes of keys: those with which machines join."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from network.headscale.client import HeadscaleClient
from network.kinds.steps import Found, Kind, Outcome, TargetChangedError, pharmacy_number
from network.models import HeadscaleCommand, PharmacyLink
from network.states import CommandKind

_CLOCK_TOLERANCE = timedelta(minutes=5)


def _link(command: HeadscaleCommand) -> PharmacyLink:
    link = PharmacyLink.objects.filter(
        pharmacy_id=pharmacy_number(command), server_id=command.server_id
    ).first()
    if link is None:
        raise TargetChangedError(
            _("이 약국은 아직 네트워크 사용자와 연결되지 않았습니다."), "pharmacy_not_linked"
        )
    return link


def _look_at_keys(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    user_id = _link(command).headscale_user_id
    return {"user_id": user_id, "key_ids": [key.id for key in client.preauth_keys()]}


def _create_key(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    key = client.create_preauth_key(
        command.before["user_id"],
        lifetime=command.arguments["lifetime"],
        reusable=command.arguments["reusable"],
        ephemeral=command.arguments["ephemeral"],
        tags=tuple(command.arguments["tags"]),
    )
    expires_at = key.expires_at.isoformat() if key.expires_at else None
    result = {"id": key.id, "expires_at": expires_at, "login_url": command.server.login_url}
    return Outcome(result, secret=key.key)


def _settle_key(client: HeadscaleClient, command: HeadscaleCommand, at: datetime) -> Found:
    """Take back every key that appeared for the user since the call: nobody knows its secret."""
    if not command.before:
        return Found.ABSENT
    known = set(command.before["key_ids"])
    since = (command.started_at or at) - _CLOCK_TOLERANCE
    orphans = [
        key
        for key in client.preauth_keys()
        if key.id not in known
        and key.user is not None
        and key.user.id == command.before["user_id"]
        and (key.created_at is None or key.created_at >= since)
    ]
    for key in orphans:
        client.expire_preauth_key(key)
    return Found.LOST if orphans else Found.ABSENT


def _record_nothing(_command: HeadscaleCommand, _at: datetime) -> None:
    """A key leaves no row of ours: its secret is sealed in the command, the rest the engine's."""


KEY_KINDS: dict[str, Kind] = {
    CommandKind.CREATE_PREAUTH_KEY: Kind(
        False, _look_at_keys, _create_key, _settle_key, _record_nothing
    ),
}
