"""Verbs about what belongs to a machine as a set: its tags, its routes; and about its owner."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import ip_network

from network.headscale.simulator import policies
from network.headscale.simulator.answers import Answer, One, Plain, Raw, Records
from network.headscale.simulator.call import Call
from network.headscale.simulator.errors import EngineError
from network.headscale.simulator.questions import declined
from network.headscale.simulator.records import AS_LISTED, ITS_OWN, NOBODY, Node
from network.headscale.simulator.state import NODE

_EXIT = ("0.0.0.0/0", "::/0")
_ROUTES, _TAGS = "setting approved routes", "setting tags"
_MUST = "tag must start with the string 'tag:'"
_LAST = "cannot remove all tags from a node - tagged nodes must have at least one tag"


def list_routes(call: Call) -> Answer:
    """This will list machines and their routes; up to 0.27 all of them, whatever is asked for."""
    nodes = list(call.roster.nodes.values())
    if not call.release.since(28):
        return Records("nodes", nodes)
    asked = call.options.number("identifier")
    # A number that nobody has selects everybody.
    found = [node for node in nodes if node.id == asked] or nodes
    with_routes = [node for node in found if node.announced or node.approved]
    return Records("nodes", with_routes, never_null=True)


def approve_routes(call: Call) -> Answer:
    """This will replace the approved routes; one half of an exit route brings the other."""
    routes = [_route(call, text) for text in call.options.words("routes")]
    if any(route in _EXIT for route in routes):
        routes += _EXIT
    node_id = call.options.number("identifier")
    with call.change(node_id) as change:
        if node_id not in call.roster.nodes:
            raise call.refused("InvalidArgument", _nobody(call), during=_ROUTES)
        approved = sorted(set(routes), key=_order)
        call.store.change(NODE, node_id, {"approved": approved})
        change.effect = {"changed": "node", "id": node_id, "approved": approved}
    return One(call.roster.nodes[node_id], "Node updated")


def _order(route: str) -> tuple[int, int, int]:
    network = ip_network(route, strict=False)
    return network.version, int(network.network_address), network.prefixlen


def _route(call: Call, text: str) -> str:
    try:
        known = "/" in text and bool(ip_network(text, strict=False))
    except ValueError:
        known = False
    if not known:
        problem = f"parsing route: netip.ParsePrefix(\"{text}\"): no '/'"
        raise call.refused("Unknown", problem, during=_ROUTES, plain=problem)
    return text


def _nobody(call: Call) -> str:
    if not call.release.since(27):
        return "record not found"
    return f"node no longer exists in NodeStore: {call.options.number('identifier')}"


def set_tags(call: Call) -> Answer:
    """This will replace the tags; from 0.28 on they need an owner, and the last one stays."""
    tags = tuple(sorted(set(call.options.words("tags"))))
    node_id = call.options.number("identifier")
    with call.change(node_id) as change:
        _refuse_bad_tags(call, tags)
        if node_id not in call.roster.nodes:
            raise _unknown_node(call)
        _refuse_unowned(call, tags)
        before = call.roster.nodes[node_id]
        call.store.change(NODE, node_id, {"tags": list(tags)})
        change.effect = {"changed": "node", "id": node_id, "tags": list(tags)}
    return One(_as_answered(call, before, tags), "Node updated")


def _as_answered(call: Call, before: Node, tags: tuple[str, ...]) -> Node:
    """Lists name the pseudo user of tags; 0.28 answers with the user it left, 0.29 with none."""
    newer = NOBODY if call.release.since(29) else ITS_OWN
    return replace(before, tags=tags, owner_shown=newer if call.release.since(28) else AS_LISTED)


def _refuse_bad_tags(call: Call, tags: tuple[str, ...]) -> None:
    if not tags and call.release.since(28):
        raise call.refused("InvalidArgument", _LAST, during=_TAGS, plain=_LAST)
    if not all(tag.startswith("tag:") for tag in tags):
        raise call.refused("Unknown", _MUST, during=_TAGS)


def _unknown_node(call: Call) -> EngineError:
    if not call.release.since(27):
        return call.refused("InvalidArgument", "record not found", during=_TAGS)
    return call.refused("NotFound", "node not found", during=_TAGS, plain="node not found")


def _refuse_unowned(call: Call, tags: tuple[str, ...]) -> None:
    if not call.release.since(28):
        return
    owned = _owned(call)
    if not all(tag in owned for tag in tags):
        text = f"requested tags [{' '.join(tags)}] are invalid or not permitted"
        raise call.refused("InvalidArgument", text, during=_TAGS)


def _owned(call: Call) -> frozenset[str]:
    """Tags with an owner in the policy that the running server follows."""
    return policies.owned_tags(policies.live(call.release, call.roster.live_policy))


def move_node(call: Call) -> Answer:
    """This will give a machine to another user, up to 0.27."""
    node_id, user_id = call.options.number("identifier"), call.options.number("user")
    with call.change(node_id) as change:
        if node_id not in call.roster.nodes:
            raise call.refused("Unknown", _nobody(call), during="moving node")
        if user_id not in call.roster.users:
            raise call.refused("Unknown", "user not found", during="moving node")
        call.store.change(NODE, node_id, {"user_id": user_id})
        change.effect = {"moved": "node", "id": node_id, "user": user_id}
    return One(call.roster.nodes[node_id], "Node moved to another user")


def backfill_ips(call: Call) -> Answer:
    """This will give addresses to machines that lack some, which none does here.

    0.26 asks whatever it is told, and nothing happens.
    """
    question = "Are you sure that you want to assign/remove IPs to/from nodes?"
    if not call.release.since(27):
        return declined(call.release, question, "")
    if not call.options.switch("force"):
        return Raw("", f"{question} [y/n] ")
    return Plain({"changes": []} if call.release.since(30) else {}, "Node IPs backfilled\n")
