"""Levers for tests and demonstrations: what happens to an engine without any command."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from network.headscale.simulator import clock
from network.headscale.simulator.config import load
from network.headscale.simulator.names import names_of_device
from network.headscale.simulator.records import REGISTERED_BY_KEY, Node
from network.headscale.simulator.roster import EXPIRES, FORCED, Roster
from network.headscale.simulator.state import NODE, USER, opened


def join(config: Path, name: str, user: str) -> int:
    """This will let a machine join under a user (made when missing), online at once.

    Returns its id.
    """
    settings = load(config)
    now_ns = settings.now()
    with opened(settings.state) as store, store.transaction():
        roster = Roster(settings, store, now_ns)
        owner = roster.user_named(user)
        user_id = owner.id if owner else roster.next_user_id()
        if owner is None:
            fields = {"id": user_id, "name": user, "created_ns": now_ns}
            store.change(USER, user_id, fields)
        taken = {node.given_name for node in roster.nodes.values()}
        shown, given_name = names_of_device(settings.release, name, taken)
        node = Node(
            id=roster.next_node_id(),
            machine_key="mkey:" + os.urandom(32).hex(),
            node_key="nodekey:" + os.urandom(32).hex(),
            disco_key="discokey:" + os.urandom(32).hex(),
            address=roster.next_address(),
            name=shown,
            given_name=given_name,
            user_id=user_id,
            last_seen_ns=now_ns,
            expires_ns=clock.ZERO,
            created_ns=now_ns,
            method=REGISTERED_BY_KEY,
            online=True,
        )
        store.change(NODE, node.id, {n: getattr(node, n) for n in Node.__dataclass_fields__})
    return node.id


def set_online(config: Path, node_id: int, online: bool | None) -> None:
    """This will hold a machine connected or away; None gives it back to its own ways.

    A machine that is not of the demo fleet has no ways of its own, and is then away.
    """
    settings = load(config)
    with opened(settings.state) as store, store.transaction():
        store.change(NODE, node_id, {FORCED: online})


def log_out(config: Path, node_id: int) -> None:
    """This will end a machine's key from its own side, as its person does by logging out."""
    settings = load(config)
    old = not settings.release.since(29)
    changes: dict[str, object] = {EXPIRES: 123 * clock.SECOND if old else settings.now()}
    if not settings.release.since(27):
        changes[FORCED] = False
    with opened(settings.state) as store, store.transaction():
        store.change(NODE, node_id, changes)


def truth(config: Path, at: datetime) -> dict[int, bool]:
    """This will be who is connected at an instant, by machine id, whatever the faults say."""
    settings = load(config)
    with opened(settings.state) as store:
        nodes = Roster(settings, store, clock.from_datetime(at)).nodes
        return {node.id: node.online for node in nodes.values()}
