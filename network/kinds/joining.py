"""Letting in machines that wait, and giving machines the addresses they lack."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from network.headscale.calls import CLOCK_TOLERANCE
from network.headscale.client import HeadscaleClient
from network.kinds.steps import Found, Kind, Outcome, record_nothing
from network.models import HeadscaleCommand
from network.states import CommandKind


def _look_at_all(client: HeadscaleClient, _command: HeadscaleCommand) -> dict[str, Any]:
    return {"node_ids": [node.id for node in client.nodes()]}


def _register(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    node = client.register_node(command.arguments["owner_name"], command.arguments["auth_id"])
    return Outcome({"node_id": node.id, "name": node.given_name})


def _settle_registration(client: HeadscaleClient, command: HeadscaleCommand, at: datetime) -> Found:
    """A machine of the owner that appeared since the call is the one that was let in."""
    if not command.before:
        return Found.ABSENT
    known = set(command.before["node_ids"])
    since = (command.started_at or at) - CLOCK_TOLERANCE
    for node in client.nodes():
        owner = node.user.name if node.user else ""
        fresh = node.created_at is None or node.created_at >= since
        if node.id not in known and owner == command.arguments["owner_name"] and fresh:
            command.result = {"node_id": node.id, "name": node.given_name}
            return Found.HAPPENED
    return Found.ABSENT


def _look_at_nothing(client: HeadscaleClient, _command: HeadscaleCommand) -> dict[str, Any]:
    """Ask for the list all the same: an engine that cannot be read gets no change."""
    return {"machines": len(client.nodes())}


def _approve(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    client.approve_auth(command.arguments["auth_id"])
    return Outcome({})


def _reject(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    client.reject_auth(command.arguments["auth_id"])
    return Outcome({})


def _settle_request(_c: HeadscaleClient, _command: HeadscaleCommand, _at: datetime) -> Found:
    """No release lists the requests that wait, so nobody can see what became of one."""
    return Found.UNTRACEABLE


def _backfill(client: HeadscaleClient, _command: HeadscaleCommand) -> Outcome:
    return Outcome({"changes": list(client.backfill_ips())})


def _settle_backfill(client: HeadscaleClient, _command: HeadscaleCommand, _at: datetime) -> Found:
    """It is done when no machine lacks an address; doing it again would do nothing then."""
    complete = all(node.addresses for node in client.nodes())
    return Found.HAPPENED if complete else Found.ABSENT


JOINING_KINDS: dict[str, Kind] = {
    CommandKind.REGISTER_NODE: Kind(
        False, _look_at_all, _register, _settle_registration, record_nothing
    ),
    CommandKind.APPROVE_AUTH: Kind(
        False, _look_at_nothing, _approve, _settle_request, record_nothing
    ),
    CommandKind.REJECT_AUTH: Kind(
        False, _look_at_nothing, _reject, _settle_request, record_nothing
    ),
    CommandKind.BACKFILL_IPS: Kind(
        True, _look_at_nothing, _backfill, _settle_backfill, record_nothing
    ),
}
