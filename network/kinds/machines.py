"""Changes of one machine: its name, its login, tags, routes, owner, and its being there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from network.headscale.client import HeadscaleClient, expires_by
from network.headscale.node_verbs import has_approved
from network.headscale.types import Node
from network.kinds.steps import (
    Found,
    Kind,
    Outcome,
    TargetChangedError,
    was_ended,
)
from network.models import HeadscaleCommand, MachineProfile
from network.states import CommandKind


def _node_of(client: HeadscaleClient, command: HeadscaleCommand) -> Node | None:
    """Find the machine by number and key, so that another one under the number is never taken."""
    node_id = command.arguments["node_id"]
    return next(
        (n for n in client.nodes() if n.id == node_id and n.machine_key == command.fingerprint),
        None,
    )


def _there(client: HeadscaleClient, command: HeadscaleCommand) -> Node:
    node = _node_of(client, command)
    if node is None:
        raise TargetChangedError(
            _("엔진에 이 머신이 없습니다. 이미 삭제되었거나 다시 등록되었습니다."), "machine_gone"
        )
    return node


def _look_at_node(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    node = _there(client, command)
    expires_at = node.expires_at.isoformat() if node.expires_at else None
    return {"name": node.given_name, "online": node.online, "expires_at": expires_at}


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
    return _found(node is not None and node.given_name == command.arguments["new_name"])


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
        return _found(node.expires_at is None)
    asked = _asked_end(command)
    if asked is None:
        return _found(was_ended(node.expires_at, command, at))
    return _found(expires_by(node, asked, at))


def _record_expiry(command: HeadscaleCommand, at: datetime) -> None:
    text = command.result.get("expires_at")
    if command.arguments.get("never"):
        _machine(command).update(expires_at=None)
    else:
        _machine(command).update(
            expires_at=parse_datetime(text) if text else _asked_end(command) or at
        )


def _look_at_tags(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    node = _there(client, command)
    _refuse_stale_base(command, node.tags)
    return {"tags": list(node.tags)}


def _set_tags(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    node = client.set_tags(command.arguments["node_id"], tuple(command.arguments["tags"]))
    return Outcome({"node_id": node.id, "tags": list(node.tags)})


def _settle_tags(client: HeadscaleClient, command: HeadscaleCommand, _at: datetime) -> Found:
    node = _node_of(client, command)
    return _found(node is not None and set(node.tags) == set(command.arguments["tags"]))


def _record_tags(command: HeadscaleCommand, _at: datetime) -> None:
    _machine(command).update(tags=command.result.get("tags", command.arguments["tags"]))


def _look_at_routes(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    node = _there(client, command)
    _refuse_stale_base(command, node.approved_routes)
    return {"approved": list(node.approved_routes)}


def _approve(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    asked = command.arguments
    node = client.approve_routes(asked["node_id"], tuple(asked["approved"]))
    return Outcome(
        {
            "node_id": node.id,
            "announced": list(node.announced_routes),
            "approved": list(node.approved_routes),
            "serving": list(node.serving_routes),
        }
    )


def _settle_routes(client: HeadscaleClient, command: HeadscaleCommand, _at: datetime) -> Found:
    node = _node_of(client, command)
    return _found(node is not None and has_approved(node, tuple(command.arguments["approved"])))


def _record_routes(command: HeadscaleCommand, _at: datetime) -> None:
    result = command.result
    rows = _machine(command)
    rows.update(approved_routes=result.get("approved", command.arguments["approved"]))
    if "serving" in result:
        rows.update(serving_routes=result["serving"])


def _refuse_stale_base(command: HeadscaleCommand, now: tuple[str, ...]) -> None:
    """Refuse a set that was based on another one than the engine has: somebody was faster."""
    base = command.arguments.get("base")
    if base is None or set(base) == set(now):
        return
    raise TargetChangedError(
        _("그사이에 다른 사람이 바꾸었습니다. 지금 값을 확인하고 다시 하십시오."),
        "base_changed",
        {"base": sorted(base), "now": sorted(now)},
    )


def _move(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    node = client.move_node(command.arguments["node_id"], command.arguments["user_id"])
    owner = node.user
    assert owner is not None  # The client has seen the list show it.
    return Outcome({"node_id": node.id, "user_id": owner.id, "user_name": owner.name})


def _settle_move(client: HeadscaleClient, command: HeadscaleCommand, _at: datetime) -> Found:
    node = _node_of(client, command)
    user = node.user if node else None
    return _found(user is not None and user.id == command.arguments["user_id"])


def _record_owner(command: HeadscaleCommand, _at: datetime) -> None:
    _machine(command).update(headscale_user_id=command.arguments["user_id"])


def _delete(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    client.delete_node(command.arguments["node_id"])
    return Outcome({"node_id": command.arguments["node_id"]})


def _settle_delete(client: HeadscaleClient, command: HeadscaleCommand, _at: datetime) -> Found:
    """Absent now, although it was there right before the call, means that the call took effect."""
    return _found(bool(command.before) and _node_of(client, command) is None)


def _record_deletion(command: HeadscaleCommand, at: datetime) -> None:
    _machine(command).update(gone_at=at, online=False)


def _found(happened: bool) -> Found:
    return Found.HAPPENED if happened else Found.ABSENT


def _machine(command: HeadscaleCommand) -> QuerySet[MachineProfile]:
    return MachineProfile.objects.filter(
        server_id=command.server_id, node_id=command.arguments["node_id"], gone_at=None
    )


MACHINE_KINDS: dict[str, Kind] = {
    CommandKind.RENAME_NODE: Kind(True, _look_at_node, _rename, _settle_rename, _record_name),
    CommandKind.EXPIRE_NODE: Kind(True, _look_at_node, _expire, _settle_expire, _record_expiry),
    CommandKind.SET_TAGS: Kind(True, _look_at_tags, _set_tags, _settle_tags, _record_tags),
    CommandKind.APPROVE_ROUTES: Kind(
        True, _look_at_routes, _approve, _settle_routes, _record_routes
    ),
    CommandKind.MOVE_NODE: Kind(True, _look_at_node, _move, _settle_move, _record_owner),
    CommandKind.DELETE_NODE: Kind(True, _look_at_node, _delete, _settle_delete, _record_deletion),
}
