"""Reading the engine afresh beside our picture: the differences, and nothing else."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from network.headscale.client import HeadscaleClient
from network.headscale.types import Node
from network.kinds.steps import Found, Kind, Outcome, record_nothing
from network.models import HeadscaleCommand, MachineProfile
from network.picture import COLUMNS, known_machines
from network.presence import seen_columns
from network.states import CommandKind

MOST_DIFFERENCES = 500
# They move by themselves with every second and say nothing about the picture.
_RESTLESS = frozenset({"last_seen_at"})


def _look_at_nothing(_client: HeadscaleClient, _command: HeadscaleCommand) -> dict[str, Any]:
    return {}


def _compare(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    """Ask for a fresh list and keep where it differs from our rows, as plain text."""
    nodes = {node.id: node for node in client.nodes()}
    known = known_machines(command.server_id)
    differences = [
        *_missing(command.server_id, set(known) - set(nodes)),
        *(_unknown(nodes[number]) for number in sorted(set(nodes) - set(known))),
    ]
    for number in sorted(set(nodes) & set(known)):
        node, ours = nodes[number], known[number]
        if node.machine_key != ours.machine_key:
            differences.append(_difference(node, "machine_key", "–", "–"))
            continue
        fresh = seen_columns(node)
        differences += [
            _difference(node, name, _text(mine), _text(theirs))
            for name, mine, theirs in zip(COLUMNS, ours.seen, fresh, strict=True)
            if mine != theirs and name not in _RESTLESS
        ]
    result = {
        "machines": len(nodes),
        "found": len(differences),
        "differences": differences[:MOST_DIFFERENCES],
    }
    return Outcome(result)


def _missing(server_id: int, numbers: set[int]) -> list[dict[str, Any]]:
    """Name the machines that we have and the engine no longer lists."""
    rows = MachineProfile.objects.filter(server_id=server_id, node_id__in=numbers, gone_at=None)
    return [
        {"node_id": node_id, "name": name, "column": "gone", "ours": "", "engine": ""}
        for node_id, name in rows.order_by("node_id").values_list("node_id", "name")
    ]


def _unknown(node: Node) -> dict[str, Any]:
    return _difference(node, "new", "", "")


def _difference(node: Node, column: str, ours: str, engine: str) -> dict[str, Any]:
    name = (node.given_name or node.name)[:255]
    return {"node_id": node.id, "name": name, "column": column, "ours": ours, "engine": engine}


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return "" if value is None else str(value)


def _settle(_client: HeadscaleClient, _command: HeadscaleCommand, _at: datetime) -> Found:
    """It changed nothing, so it may simply be done again."""
    return Found.ABSENT


CHECKING_KINDS: dict[str, Kind] = {
    CommandKind.CROSS_CHECK: Kind(True, _look_at_nothing, _compare, _settle, record_nothing),
}
