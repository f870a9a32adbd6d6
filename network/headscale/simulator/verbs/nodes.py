"""Verbs about machines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from network.headscale.simulator import clock
from network.headscale.simulator.answers import Answer, One, Plain, Records
from network.headscale.simulator.call import Call
from network.headscale.simulator.errors import EngineError
from network.headscale.simulator.names import label_problem
from network.headscale.simulator.questions import declined
from network.headscale.simulator.records import Node
from network.headscale.simulator.roster import GONE
from network.headscale.simulator.state import NODE

_LARGEST_ANSWER = 4 * 1024 * 1024
_BYTES_BARE, _BYTES_WITH_KEY = 361, 586
_GO_LAYOUT = "2006-01-02T15:04:05Z07:00"


def list_nodes(call: Call) -> Answer:
    """This will list all machines, or those of the user of a name."""
    nodes = list(call.roster.nodes.values())
    name = call.options.text("user")
    if not name:
        _refuse_oversize(call, nodes)
        return Records("nodes", nodes)
    user = call.roster.user_named(name)
    if user is None:
        raise call.refused("Unknown", "user not found", during="listing nodes")
    # 0.28 still lists a machine under the user whom it left for its tags.
    untagged = call.release.since(29)
    mine = [n for n in nodes if n.user_id == user.id and not (untagged and n.tags)]
    return Records("nodes", mine)


def _refuse_oversize(call: Call, nodes: list[Node]) -> None:
    """Up to 0.29 an answer must fit into one message of gRPC."""
    size = sum(_BYTES_BARE if node.key_id is None else _BYTES_WITH_KEY for node in nodes)
    if size > _LARGEST_ANSWER and not call.release.since(30):
        text = f"grpc: received message larger than max ({size} vs. {_LARGEST_ANSWER})"
        raise call.refused("ResourceExhausted", text, during="listing nodes")


def rename_node(call: Call) -> Answer:
    """This will set a machine's DNS label."""
    arguments = call.options.arguments
    name = arguments[0] if arguments else ""
    during = "renaming node"

    def check(node: Node | None) -> None:
        _refuse_label(call, name)
        if call.release.since(27) and node is None:
            raise _unknown(call, during)
        _refuse_taken(call, name, node)

    return _set(call, during, check, {"given_name": name}, "Node renamed")


def _refuse_label(call: Call, name: str) -> None:
    during = "renaming node"
    problem = label_problem(call.release, name)
    if problem is None:
        return
    if not name:
        raise call.refused("Unknown", f"{during}: {problem}", during=during, plain="404 Not Found")
    plain = f"{during}: given name is not a valid DNS label: {problem}"
    raise call.refused("Unknown", f"{during}: {problem}", during=during, plain=plain)


def _refuse_taken(call: Call, name: str, node: Node | None) -> None:
    newer = call.release.since(27)
    for other in call.roster.nodes.values():
        own = newer and node is not None and other.id == node.id
        if other.given_name == name and not own:
            text = f"{'node ' if newer else ''}name is not unique: {name}"
            raise call.refused("Unknown", text, during="renaming node")


def expire_node(call: Call) -> Answer:
    """This will end a machine's key: now, at a time, or (from 0.29 on) never."""
    during = "expiring node"
    expires = _wanted_expiry(call)

    def check(node: Node | None) -> None:
        if call.release.since(27) and node is None:
            raise _unknown(call, during)

    return _set(call, during, check, {"expires_ns": expires}, "Node expired")


def _wanted_expiry(call: Call) -> int | None:
    values = call.options.values
    if values.get("disable"):
        return None
    text = str(values.get("expiry", ""))
    if not text:
        return call.at_ns
    try:
        return _rfc3339(text)
    except ValueError as error:
        prefix = "parsing expiry time: " if call.release.since(29) else ""
        problem = f'parsing time "{text}" as "{_GO_LAYOUT}": cannot parse "{text}" as "2006"'
        raise EngineError(prefix + problem) from error


def _rfc3339(text: str) -> int:
    if "T" not in text:
        raise ValueError("no time of day")
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("no offset")
    return clock.from_datetime(at)


def _set(
    call: Call,
    during: str,
    check: Callable[[Node | None], None],
    changes: dict[str, object],
    text: str,
) -> Answer:
    """Change fields of the machine that is asked for, and show it afterwards."""
    node_id = call.options.number("identifier")
    with call.change(node_id) as change:
        node = call.roster.nodes.get(node_id)
        check(node)
        if node is None:
            return One(_first_instead(call, node_id, during), text)
        call.store.change(NODE, node_id, changes)
        change.effect = {"changed": "node", "id": node_id} | changes
    return One(call.roster.nodes[node_id], text)


def _first_instead(call: Call, node_id: int, during: str) -> Node:
    """In 0.26 a change of machine 0 changes nothing and shows the first machine."""
    if node_id or not call.roster.nodes:
        raise _unknown(call, during)
    return next(iter(call.roster.nodes.values()))


def _unknown(call: Call, during: str) -> EngineError:
    text = "record not found"
    if call.release.since(27):
        text = f"node no longer exists in NodeStore: {call.options.number('identifier')}"
    return call.refused("Unknown", text, during=during)


def delete_node(call: Call) -> Answer:
    """This will remove a machine; without `--force` it asks, and nothing happens."""
    node_id = call.options.number("identifier")
    node = _existing(call, node_id)
    if not call.options.switch("force"):
        question = f"Do you want to remove the node {node.name}?"
        return declined(call.release, question, "Node not deleted")
    with call.change(node_id) as change:
        _existing(call, node_id)
        call.store.change(NODE, node_id, {GONE: True})
        change.effect = {"deleted": "node", "id": node_id}
    value = {"Result": "Node deleted"} if call.release.since(29) else {}
    return Plain(value, "Node deleted\n")


def _existing(call: Call, node_id: int) -> Node:
    node = call.roster.nodes.get(node_id)
    if node is not None:
        return node
    if not call.release.since(27):
        raise call.refused("Unknown", "record not found", during="getting node")
    plain = "node not found"
    raise call.refused("NotFound", "node not found", during="getting node", plain=plain)
