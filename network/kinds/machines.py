"""Changes of one machine: its name, its login, its being there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from network.headscale.client import HeadscaleClient, expires_by
from network.headscale.types import Node
from network.kinds.steps import Found, Kind, Outcome, TargetChangedError
from network.models import HeadscaleCommand, MachineProfile
from network.states import CommandKind


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


MACHINE_KINDS: dict[str, Kind] = {
    CommandKind.RENAME_NODE: Kind(True, _look_at_node, _rename, _settle_rename, _record_name),
    CommandKind.EXPIRE_NODE: Kind(True, _look_at_node, _expire, _settle_expire, _record_expiry),
    CommandKind.DELETE_NODE: Kind(True, _look_at_node, _delete, _settle_delete, _record_deletion),
}
