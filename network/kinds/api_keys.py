"""Changes of the keys with which programs ask an engine from afar."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from network.headscale.calls import CLOCK_TOLERANCE
from network.headscale.client import HeadscaleClient
from network.headscale.types import ApiKey
from network.kinds.steps import Found, Kind, Outcome, TargetChangedError, was_ended
from network.models import HeadscaleApiKey, HeadscaleCommand
from network.states import CommandKind


def _look_at_all(client: HeadscaleClient, _command: HeadscaleCommand) -> dict[str, Any]:
    return {"key_ids": [key.id for key in client.api_keys()]}


def _create(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    key, secret = client.create_api_key(lifetime=command.arguments["lifetime"])
    expires_at = key.expires_at.isoformat() if key.expires_at else None
    return Outcome({"id": key.id, "prefix": key.prefix, "expires_at": expires_at}, secret=secret)


def _settle_created(client: HeadscaleClient, command: HeadscaleCommand, at: datetime) -> Found:
    """Take back every key that appeared since the call: nobody knows its secret."""
    if not command.before:
        return Found.ABSENT
    known = set(command.before["key_ids"])
    since = (command.started_at or at) - CLOCK_TOLERANCE
    orphans = [
        key
        for key in client.api_keys()
        if key.id not in known and (key.created_at is None or key.created_at >= since)
    ]
    for key in orphans:
        client.expire_api_key(key)
    return Found.LOST if orphans else Found.ABSENT


def _record_created(command: HeadscaleCommand, at: datetime) -> None:
    expires_at = command.result.get("expires_at")
    HeadscaleApiKey.objects.update_or_create(
        server_id=command.server_id,
        key_id=command.result["id"],
        defaults={
            "prefix": command.result["prefix"],
            "expires_at": parse_datetime(expires_at) if expires_at else None,
            "created_at": at,
            "purpose": command.arguments.get("reason", ""),
            "confirmed_at": at,
        },
    )


def _key_of(client: HeadscaleClient, command: HeadscaleCommand) -> ApiKey | None:
    number = command.arguments["key_id"]
    return next((key for key in client.api_keys() if key.id == number), None)


def _look_at_key(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    """Refuse the key on which we live ourselves: nothing could be asked afterwards."""
    key = _key_of(client, command)
    if key is None:
        raise TargetChangedError(_("엔진에 이 키가 없습니다. 이미 삭제되었습니다."), "key_gone")
    if client.lives_on(key):
        raise TargetChangedError(
            _("팜큐 관리자가 이 키로 엔진에 접속하고 있어 없앨 수 없습니다."), "own_key"
        )
    expires_at = key.expires_at.isoformat() if key.expires_at else None
    return {"prefix": key.prefix, "expires_at": expires_at}


def _expire(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    key = _key_of(client, command)
    if key is not None:
        client.expire_api_key(key)
    return Outcome({"id": command.arguments["key_id"]})


def _settle_expired(client: HeadscaleClient, command: HeadscaleCommand, at: datetime) -> Found:
    key = _key_of(client, command)
    over = key is None or was_ended(key.expires_at, command, at)
    return Found.HAPPENED if command.before and over else Found.ABSENT


def _record_expired(command: HeadscaleCommand, at: datetime) -> None:
    HeadscaleApiKey.objects.filter(
        server_id=command.server_id, key_id=command.arguments["key_id"]
    ).update(expires_at=at)


def _delete(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    key = _key_of(client, command)
    if key is not None:
        client.delete_api_key(key)
    return Outcome({"id": command.arguments["key_id"]})


def _settle_deleted(client: HeadscaleClient, command: HeadscaleCommand, _at: datetime) -> Found:
    gone = command.before and _key_of(client, command) is None
    return Found.HAPPENED if gone else Found.ABSENT


def _record_deleted(command: HeadscaleCommand, at: datetime) -> None:
    HeadscaleApiKey.objects.filter(
        server_id=command.server_id, key_id=command.arguments["key_id"]
    ).update(gone_at=at)


API_KEY_KINDS: dict[str, Kind] = {
    CommandKind.CREATE_API_KEY: Kind(
        False, _look_at_all, _create, _settle_created, _record_created
    ),
    CommandKind.EXPIRE_API_KEY: Kind(True, _look_at_key, _expire, _settle_expired, _record_expired),
    CommandKind.DELETE_API_KEY: Kind(True, _look_at_key, _delete, _settle_deleted, _record_deleted),
}
