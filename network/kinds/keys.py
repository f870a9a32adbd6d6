"""Changes of the keys with which machines join."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from network.headscale.calls import CLOCK_TOLERANCE
from network.headscale.client import HeadscaleClient
from network.headscale.redaction import redact
from network.headscale.types import PreAuthKey
from network.kinds.steps import (
    Found,
    Kind,
    Outcome,
    TargetChangedError,
    pharmacy_number,
    was_ended,
)
from network.models import HeadscaleCommand, HeadscalePreAuthKey, PharmacyLink
from network.states import CommandKind

_SHOWN_LIMIT = 40


def _link(command: HeadscaleCommand) -> PharmacyLink:
    link = PharmacyLink.objects.filter(
        pharmacy_id=pharmacy_number(command), server_id=command.server_id
    ).first()
    if link is None:
        raise TargetChangedError(
            _("이 약국은 아직 네트워크 사용자와 연결되지 않았습니다."), "pharmacy_not_linked"
        )
    return link


def _owner(command: HeadscaleCommand) -> int | None:
    """Say whose key it shall be: a named user's, nobody's but its tags', or the pharmacy's."""
    if "user_id" in command.arguments:
        number: int | None = command.arguments["user_id"]
        return number
    return _link(command).headscale_user_id


def _look_at_keys(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    user_id = _owner(command)
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
    result = {
        "id": key.id,
        "expires_at": expires_at,
        "login_url": command.server.login_url,
        "shown": redact(key.key)[:_SHOWN_LIMIT],
    }
    return Outcome(result, secret=key.key)


def _settle_key(client: HeadscaleClient, command: HeadscaleCommand, at: datetime) -> Found:
    """Take back what appeared for the owner since the call and is like it: its secret is lost."""
    if not command.before:
        return Found.ABSENT
    known = set(command.before["key_ids"])
    since = (command.started_at or at) - CLOCK_TOLERANCE
    orphans = [
        key
        for key in client.preauth_keys()
        if key.id not in known
        and _is_like(key, command.arguments)
        and (key.user.id if key.user else None) == command.before["user_id"]
        and (key.created_at is None or key.created_at >= since)
    ]
    for key in orphans:
        client.expire_preauth_key(key)
    return Found.LOST if orphans else Found.ABSENT


def _is_like(key: PreAuthKey, asked: Mapping[str, Any]) -> bool:
    """Say whether a key is of the kind that was asked for; others are somebody else's."""
    return (
        key.reusable == asked.get("reusable", False)
        and key.ephemeral == asked.get("ephemeral", False)
        and set(key.tags) == set(asked.get("tags", ()))
    )


def _record_key(command: HeadscaleCommand, at: datetime) -> None:
    """Keep what the engine cannot say later: what the key is for, and who asked for it."""
    arguments, expires_at = command.arguments, command.result.get("expires_at")
    HeadscalePreAuthKey.objects.update_or_create(
        server_id=command.server_id,
        key_id=command.result["id"],
        defaults={
            "company_code": command.company_code,
            "pharmacy_id": command.pharmacy_id,
            "headscale_user_id": command.before.get("user_id"),
            "shown": command.result.get("shown", ""),
            "reusable": arguments["reusable"],
            "ephemeral": arguments["ephemeral"],
            "tags": arguments["tags"],
            "expires_at": parse_datetime(expires_at) if expires_at else None,
            "created_at": at,
            "purpose": arguments.get("reason", ""),
            "requested_by": command.requested_by,
            "confirmed_at": at,
        },
    )


def _key_of(client: HeadscaleClient, command: HeadscaleCommand) -> PreAuthKey | None:
    """Find the key; up to 0.27 only the list has the secret by which it is ended."""
    number = command.arguments["key_id"]
    return next((key for key in client.preauth_keys() if key.id == number), None)


def _look_at_key(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    key = _key_of(client, command)
    if key is None:
        raise TargetChangedError(_("엔진에 이 키가 없습니다. 이미 삭제되었습니다."), "key_gone")
    return {"expires_at": key.expires_at.isoformat() if key.expires_at else None}


def _expire_key(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    key = _key_of(client, command)
    if key is not None:
        client.expire_preauth_key(key)
    return Outcome({"id": command.arguments["key_id"]})


def _settle_expired_key(client: HeadscaleClient, command: HeadscaleCommand, at: datetime) -> Found:
    key = _key_of(client, command)
    over = key is None or was_ended(key.expires_at, command, at)
    return Found.HAPPENED if command.before and over else Found.ABSENT


def _record_expired_key(command: HeadscaleCommand, at: datetime) -> None:
    HeadscalePreAuthKey.objects.filter(
        server_id=command.server_id, key_id=command.arguments["key_id"], revoked_at=None
    ).update(revoked_at=at)


def _delete_key(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    client.delete_preauth_key(command.arguments["key_id"])
    return Outcome({"id": command.arguments["key_id"]})


def _settle_deleted_key(client: HeadscaleClient, command: HeadscaleCommand, _at: datetime) -> Found:
    gone = command.before and _key_of(client, command) is None
    return Found.HAPPENED if gone else Found.ABSENT


def _record_deleted_key(command: HeadscaleCommand, at: datetime) -> None:
    HeadscalePreAuthKey.objects.filter(
        server_id=command.server_id, key_id=command.arguments["key_id"]
    ).update(gone_at=at)


KEY_KINDS: dict[str, Kind] = {
    CommandKind.CREATE_PREAUTH_KEY: Kind(
        False, _look_at_keys, _create_key, _settle_key, _record_key
    ),
    CommandKind.EXPIRE_PREAUTH_KEY: Kind(
        True, _look_at_key, _expire_key, _settle_expired_key, _record_expired_key
    ),
    CommandKind.DELETE_PREAUTH_KEY: Kind(
        True, _look_at_key, _delete_key, _settle_deleted_key, _record_deleted_key
    ),
}
