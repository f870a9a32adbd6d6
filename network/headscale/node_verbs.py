"""What can be asked of machines; each change returns only after the engine's list shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import cast

from network.headscale import commands
from network.headscale.arguments import route
from network.headscale.calls import Calls, is_over, not_shown
from network.headscale.errors import RejectedError, TimedOutError, UnreadableError
from network.headscale.types import Node

EXIT_ROUTES = frozenset({"0.0.0.0/0", "::/0"})
_AUTH_ID = "hskey-authreq-"


class NodeVerbs(Calls):
    """Machines: list, name, login, tags, routes, owner, registration, addresses."""

    def nodes(self) -> tuple[Node, ...]:
        """List every machine, in the engine's order; ids are unique or the answer is refused."""
        nodes = cast("tuple[Node, ...]", self._ask(commands.LIST_NODES))
        if len({node.id for node in nodes}) != len(nodes):
            raise UnreadableError("the list holds the same id twice")
        return nodes

    def routes(self) -> tuple[Node, ...]:
        """List the machines that have routes, announced, approved or serving.

        One number is never asked for: 0.26 and 0.27 ignore it, and from 0.28 on an unknown one is
        answered with everybody's routes.
        """
        listed = cast("tuple[Node, ...]", self._ask(commands.LIST_ROUTES))
        return tuple(
            node
            for node in listed
            if node.announced_routes or node.approved_routes or node.serving_routes
        )

    def rename_node(self, node_id: int, name: str) -> Node:
        """Give a machine another DNS label; returns the machine as listed afterwards."""
        self._change(commands.RENAME_NODE, node_id=node_id, new_name=name)
        return self._settled(node_id, lambda node: node.given_name == name)

    def expire_node(self, node_id: int, at: datetime | None = None, *, never: bool = False) -> Node:
        """End a machine's login now, at an aware time (0.27.1), or never (0.29)."""
        if never:
            self._require("nodes.expire_never")
            self._change(commands.EXPIRE_NODE, node_id=node_id, never=True)
            return self._settled(node_id, lambda node: node.expires_at is None)
        if at is not None:
            self._require("nodes.expire_at")
        self._change(commands.EXPIRE_NODE, node_id=node_id, at=at)
        return self._settled(node_id, lambda node: expires_by(node, at, self._clock()))

    def set_tags(self, node_id: int, tags: tuple[str, ...]) -> Node:
        """Replace a machine's tags; from 0.28 on it leaves its user, and the last tag stays."""
        if not tags:
            self._require("nodes.clear_tags")
        self._change(commands.TAG_NODE, node_id=node_id, tags=tags)
        return self._settled(node_id, lambda node: set(node.tags) == set(tags))

    def approve_routes(self, node_id: int, routes: tuple[str, ...]) -> Node:
        """Replace a machine's approved routes; half an exit route approves both halves."""
        self._change(commands.APPROVE_ROUTES, node_id=node_id, routes=routes)
        return self._settled(node_id, lambda node: has_approved(node, routes))

    def move_node(self, node_id: int, user_id: int) -> Node:
        """Give a machine to another user (up to 0.27)."""
        self._change(commands.MOVE_NODE, node_id=node_id, user_id=user_id)
        return self._settled(
            node_id, lambda node: node.user is not None and node.user.id == user_id
        )

    def delete_node(self, node_id: int) -> None:
        """Remove a machine; returns when the list no longer has it."""
        if self._change(commands.DELETE_NODE, node_id=node_id) is False:
            raise RejectedError("Node not deleted", "not_confirmed")
        if any(node.id == node_id for node in self._read_back(self.nodes)):
            raise TimedOutError("the machine is still listed")

    def register_node(self, owner_name: str, key: str) -> Node:
        """Let in a machine that waits with the number that its page shows.

        Never repeated by itself: a number is used up by its first use.
        """
        if key.startswith(_AUTH_ID):
            made = self._change(commands.AUTH_REGISTER, owner_name=owner_name, auth_id=key)
        else:
            made = self._change(commands.REGISTER_NODE, owner_name=owner_name, registration_key=key)
        if not isinstance(made, Node):
            raise TimedOutError("the answer does not name the machine")
        return self._settled(made.id, lambda node: node.machine_key == made.machine_key)

    def approve_auth(self, auth_id: str) -> None:
        """Approve a request that waits (0.29); there is no list to read it back from.

        A new machine does not come in by this: it only gets a new number and waits on.
        """
        self._change(commands.AUTH_APPROVE, auth_id=auth_id)

    def reject_auth(self, auth_id: str) -> None:
        """Refuse a request that waits (0.29); there is no list to read it back from.

        A new machine gets a new number, and the refused one can still be registered.
        """
        self._change(commands.AUTH_REJECT, auth_id=auth_id)

    def backfill_ips(self) -> tuple[str, ...]:
        """Give machines the addresses they lack (0.27); returns a sentence a changed machine."""
        changes = self._change(commands.BACKFILL_IPS)
        if changes is None:
            raise TimedOutError("the answer does not name the changes")
        return cast("tuple[str, ...]", changes)

    def _settled(self, node_id: int, shows: Callable[[Node], bool]) -> Node:
        for node in self._read_back(self.nodes):
            if node.id == node_id and shows(node):
                return node
        raise not_shown()


def expires_by(node: Node, at: datetime | None, now: datetime) -> bool:
    """Say whether a machine's login ends as asked: at the given second, or already."""
    if at is None:
        return is_over(node.expires_at, now)
    return node.expires_at is not None and abs(node.expires_at - at) < timedelta(seconds=1)


def has_approved(node: Node, routes: tuple[str, ...]) -> bool:
    """Say whether exactly these routes are approved."""
    wanted = {route(text) for text in routes}
    if wanted & EXIT_ROUTES:
        wanted |= EXIT_ROUTES
    return {_canonical(text) for text in node.approved_routes} == wanted


def _canonical(text: str) -> str:
    """Spell a route of the engine as we do; host bits that somebody left in stay."""
    try:
        return str(ip_network(text))
    except ValueError:
        return text
