"""Verbs with which machines join without a key."""

from __future__ import annotations

import os

from network.headscale.simulator import clock
from network.headscale.simulator.answers import Answer, One, Plain, Waiting
from network.headscale.simulator.call import Call
from network.headscale.simulator.names import NameTooLongError, names_of_device
from network.headscale.simulator.records import REGISTERED_BY_CLI, Node, Pending, User
from network.headscale.simulator.state import NODE, PENDING

_WAIT_S = 15 * 60
_CODE_LENGTH = 24
_CODE_PREFIX = "hskey-authreq-"


def create_pending(call: Call) -> Answer:
    """This will park a machine that waits for its registration."""
    options = call.options
    during = "creating node"
    with call.change(options.text("name")) as change:
        user = _user(call, during)
        code = options.text("key")
        _refuse_bad_code(call, code, during)
        item = Pending(
            code=code,
            name=options.text("name"),
            machine_key="mkey:" + os.urandom(32).hex(),
            node_key="nodekey:" + os.urandom(32).hex(),
            announced=options.words("route"),
            until_ns=call.at_ns + _WAIT_S * clock.SECOND,
        )
        fields = {name: getattr(item, name) for name in Pending.__dataclass_fields__}
        call.store.change(PENDING, call.store.count("pending"), fields)
        change.effect = {"parked": "node", "name": item.name}
    return Waiting(item, user)


def _refuse_bad_code(call: Call, code: str, during: str) -> None:
    body = code.removeprefix(_CODE_PREFIX) if call.release.since(29) else code
    prefixed = code.startswith(_CODE_PREFIX) or not call.release.since(29)
    if not prefixed or len(body) != _CODE_LENGTH:
        text = f"registration ID must be {_CODE_LENGTH} characters long"
        raise call.refused("InvalidArgument", text, during=during)


def register_node(call: Call) -> Answer:
    """This will let a parked machine in (up to 0.28; from 0.29 on with a warning)."""
    return _register(call, call.options.text("key"))


def register_request(call: Call) -> Answer:
    """This will let a parked machine in, from 0.29 on."""
    return _register(call, call.options.text("auth-id"))


def approve_request(call: Call) -> Answer:
    """This will approve a request that waits, from 0.29 on."""
    return _answer_request(call, "approving auth request", "approved")


def reject_request(call: Call) -> Answer:
    """This will refuse a request that waits, from 0.29 on."""
    return _answer_request(call, "rejecting auth request", "rejected")


def _answer_request(call: Call, during: str, verdict: str) -> Answer:
    code = call.options.text("auth-id")
    with call.change("auth") as change:
        problem = _problem_of(call, code)
        if problem:
            words = f"invalid auth_id: {problem}"
            raise call.refused("InvalidArgument", words, during=during, plain=words)
        if code not in call.roster.pending:
            text = f"no pending auth session for auth_id {code}"
            raise call.refused("NotFound", text, during=during, plain=text)
        change.effect = {verdict: "request"}
    return Plain({}, f"Auth request {verdict}\n")


def _register(call: Call, code: str) -> Answer:
    during = "registering node"
    with call.change(call.options.text("user")) as change:
        user = _user(call, during)
        problem = _problem_of(call, code)
        if problem:
            raise call.refused("Unknown", problem, during=during)
        item = call.roster.pending.get(code)
        if item is None:
            text = "node not found in registration cache"
            raise call.refused("Unknown", text, during=during)
        node = _new_node(call, item, user)
        if node is not None:
            store_new(call, node)
            change.effect = {"registered": "node", "id": node.id, "user": user.id}
    if node is None:
        text = (
            "failed to ensure unique given name: hostname too long, cannot except 255 ASCII chars"
        )
        raise call.refused("Unknown", text, during=during)
    return One(call.roster.nodes[node.id], f"Node {node.given_name} registered")


def _problem_of(call: Call, code: str) -> str:
    """Say what is wrong with the form of a number; empty when nothing is."""
    if not call.release.since(29):
        fits = len(code) == _CODE_LENGTH
        return "" if fits else f"registration ID must be {_CODE_LENGTH} characters long"
    if not code.startswith(_CODE_PREFIX):
        return f'auth ID has invalid prefix: expected prefix "{_CODE_PREFIX}"'
    wanted = len(_CODE_PREFIX) + _CODE_LENGTH
    fits = len(code) == wanted
    return "" if fits else f"auth ID has invalid length: expected {wanted}, got {len(code)}"


def _user(call: Call, during: str) -> User:
    user = call.roster.user_named(call.options.text("user"))
    if user is None:
        raise call.refused("Unknown", "user not found", during=during)
    return user


def _new_node(call: Call, item: Pending, user: User) -> Node | None:
    """Make the machine; None when 0.26 finds no label for it, the address being spent already."""
    address = call.roster.next_address()
    taken = {node.given_name for node in call.roster.nodes.values()}
    try:
        name, given_name = names_of_device(call.release, item.name, taken)
    except NameTooLongError:
        return None
    return Node(
        id=call.roster.next_node_id(),
        machine_key=item.machine_key,
        node_key=item.node_key,
        disco_key="discokey:" + 64 * "0",
        address=address,
        name=name,
        given_name=given_name,
        user_id=user.id,
        last_seen_ns=call.at_ns if call.release.since(27) else clock.ZERO,
        expires_ns=clock.ZERO,
        created_ns=call.at_ns,
        method=REGISTERED_BY_CLI,
        # From 0.29 on the routes of such machines are only echoed when they are parked.
        announced=() if call.release.since(29) else item.announced,
    )


def store_new(call: Call, node: Node) -> None:
    """This will keep a machine that has joined."""
    fields = {name: getattr(node, name) for name in Node.__dataclass_fields__}
    call.store.change(NODE, node.id, fields)
