"""What each kind of command does with the engine: look, call, settle by reading, record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from network.headscale.client import HeadscaleClient, expires_by
from network.headscale.types import Node
from network.linking import store_link
from network.models import HeadscaleCommand, MachineProfile, PharmacyLink
from network.states import CommandKind
from pharmacies.access.actor import system_actor

_CLOCK_TOLERANCE = timedelta(minutes=5)


class TargetChangedError(RuntimeError):
    """What the command was meant for is not there any more; nothing was sent."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.sentence, self.code = sentence, code


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished change left: plain JSON for everybody, and perhaps a secret for the asker."""

    result: Mapping[str, Any] = field(default_factory=dict)
    secret: str = field(default="", repr=False)


class Found(Enum):
    """What a complete read says about a change whose outcome was not known."""

    HAPPENED = "happened"
    ABSENT = "absent"
    LOST = "lost"  # It happened, but its secret is gone; what it made was taken back.


@dataclass(frozen=True, slots=True)
class Kind:
    """The four steps of a kind. `look` runs before the call and may refuse; `settle` only reads,
    except that it takes back a key whose secret was lost."""

    repeatable: bool
    look: Callable[[HeadscaleClient, HeadscaleCommand], dict[str, Any]]
    call: Callable[[HeadscaleClient, HeadscaleCommand], Outcome]
    settle: Callable[[HeadscaleClient, HeadscaleCommand, datetime], Found]
    record: Callable[[HeadscaleCommand, datetime], None]


def _node_of(client: HeadscaleClient, command: HeadscaleCommand) -> Node | None:
    """Find the machine by number and key, so that another one under the number is never taken."""
    node_id = command.arguments["node_id"]
    return next(
        (n for n in client.nodes() if n.id == node_id and n.machine_key == command.fingerprint),
        None,
    )


def _look_at_node(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    node = _node_of(client, command)
    if node is None:
        raise TargetChangedError(
            _("엔진에 이 머신이 없습니다. 이미 삭제되었거나 다시 등록되었습니다."), "machine_gone"
        )
    return {"name": node.given_name, "online": node.online}


def _node_result(node: Node) -> dict[str, Any]:
    return {
        "node_id": node.id,
        "name": node.given_name,
        "expires_at": node.expires_at.isoformat() if node.expires_at else None,
    }


def _rename(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    node_id, name = command.arguments["node_id"], command.arguments["new_name"]
    if command.before.get("name") == name:
        return Outcome({"node_id": node_id, "name": name})
    return Outcome(_node_result(client.rename_node(node_id, name)))


def _settle_rename(client: HeadscaleClient, command: HeadscaleCommand, _at: datetime) -> Found:
    node = _node_of(client, command)
    renamed = node is not None and node.given_name == command.arguments["new_name"]
    return Found.HAPPENED if renamed else Found.ABSENT


def _record_name(command: HeadscaleCommand, _at: datetime) -> None:
    _machine(command).update(name=command.arguments["new_name"])


def _asked_end(command: HeadscaleCommand) -> datetime | None:
    text = command.arguments.get("at")
    return parse_datetime(text) if text else None


def _expire(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    never = bool(command.arguments.get("never"))
    node = client.expire_node(command.arguments["node_id"], _asked_end(command), never=never)
    return Outcome(_node_result(node))


def _settle_expire(client: HeadscaleClient, command: HeadscaleCommand, at: datetime) -> Found:
    node = _node_of(client, command)
    if node is None:
        return Found.ABSENT
    if command.arguments.get("never"):
        return Found.HAPPENED if node.expires_at is None else Found.ABSENT
    return Found.HAPPENED if expires_by(node, _asked_end(command), at) else Found.ABSENT


def _record_expiry(command: HeadscaleCommand, at: datetime) -> None:
    text = command.result.get("expires_at")
    if command.arguments.get("never"):
        _machine(command).update(expires_at=None)
    else:
        _machine(command).update(
            expires_at=parse_datetime(text) if text else _asked_end(command) or at
        )


def _delete(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    client.delete_node(command.arguments["node_id"])
    return Outcome({"node_id": command.arguments["node_id"]})


def _settle_delete(client: HeadscaleClient, command: HeadscaleCommand, _at: datetime) -> Found:
    """Absent now, although it was there right before the call, means that the call took effect."""
    if command.before and _node_of(client, command) is None:
        return Found.HAPPENED
    return Found.ABSENT


def _record_deletion(command: HeadscaleCommand, at: datetime) -> None:
    _machine(command).update(gone_at=at, online=False)


def _machine(command: HeadscaleCommand) -> QuerySet[MachineProfile]:
    return MachineProfile.objects.filter(
        server_id=command.server_id, node_id=command.arguments["node_id"], gone_at=None
    )


def _look_at_users(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    _pharmacy_number(command)
    names = {user.name for user in client.users()}
    if command.arguments["user_name"] in names:
        raise TargetChangedError(
            _("엔진에 같은 이름의 사용자가 이미 있습니다: %(name)s")
            % {"name": command.arguments["user_name"]},
            "user_exists",
        )
    return {"absent": True}


def _create_user(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    user = client.create_user(
        command.arguments["user_name"], display_name=command.arguments["display_name"]
    )
    return Outcome({"user_id": user.id, "user_name": user.name})


def _settle_user(client: HeadscaleClient, command: HeadscaleCommand, _at: datetime) -> Found:
    if not command.before:
        return Found.ABSENT
    for user in client.users():
        if user.name == command.arguments["user_name"]:
            command.result = {"user_id": user.id, "user_name": user.name}
            return Found.HAPPENED
    return Found.ABSENT


def _record_user(command: HeadscaleCommand, at: datetime) -> None:
    """Link the user, unless the pharmacy was deleted or either was linked by hand meanwhile."""
    name, user_id = command.result["user_name"], command.result["user_id"]
    command.refresh_from_db(fields=["pharmacy"])
    pharmacy = command.pharmacy
    links = PharmacyLink.objects.filter(server_id=command.server_id)
    taken = Q(pharmacy=pharmacy) | Q(headscale_user_id=user_id)
    if pharmacy is None or links.filter(taken).exists():
        return
    store_link(
        actor=system_actor("worker"),
        at=at,
        pharmacy=pharmacy,
        server=command.server,
        headscale_user=(user_id, name),
    )


def _pharmacy_number(command: HeadscaleCommand) -> int:
    if command.pharmacy_id is None:
        raise TargetChangedError(_("이 약국은 그사이에 삭제되었습니다."), "pharmacy_gone")
    return command.pharmacy_id


def _link(command: HeadscaleCommand) -> PharmacyLink:
    link = PharmacyLink.objects.filter(
        pharmacy_id=_pharmacy_number(command), server_id=command.server_id
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


KINDS: dict[str, Kind] = {
    CommandKind.RENAME_NODE: Kind(True, _look_at_node, _rename, _settle_rename, _record_name),
    CommandKind.EXPIRE_NODE: Kind(True, _look_at_node, _expire, _settle_expire, _record_expiry),
    CommandKind.DELETE_NODE: Kind(True, _look_at_node, _delete, _settle_delete, _record_deletion),
    CommandKind.CREATE_USER: Kind(False, _look_at_users, _create_user, _settle_user, _record_user),
    CommandKind.CREATE_PREAUTH_KEY: Kind(
        False, _look_at_keys, _create_key, _settle_key, _record_nothing
    ),
}
