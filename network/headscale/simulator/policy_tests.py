"""The tests that a policy carries with it, as an engine carries them out since 0.29. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from network.headscale.simulator.policy_words import is_network
from network.headscale.simulator.records import Node, User
from network.headscale.simulator.releases import Release

Json = Any  # whatever the json module reads

_EVERY_PORT = (0.0, 65535.0)


def failed_tests(
    release: Release, document: Mapping[str, Json], users: Iterable[User], nodes: Iterable[Node]
) -> str:
    """This will be what the engine says of tests that fail; empty when all hold."""
    if not release.since(29):
        return ""
    network = _Network(document, list(users), list(nodes))
    found: list[str] = []
    for test in document.get("tests", ()):
        source = test.get("src") or ""
        if nobody := network.fault_of(source):
            found.append(f'{source}: failed to resolve source "{source}": resolving: {nobody}')
            continue
        found += [
            f"{source} -> {target}: expected {expected}, got {got}"
            for expected, targets in (("ALLOWED", "accept"), ("DENIED", "deny"))
            for target in test.get(targets) or []
            if (got := network.verdict(source, target)) != expected
        ]
    return "test(s) failed:\n" + "\n".join(found) if found else ""


class _Network:
    """The machines that the names of a policy stand for."""

    def __init__(self, document: Mapping[str, Json], users: list[User], nodes: list[Node]) -> None:
        self._groups: Mapping[str, list[str]] = document.get("groups", {})
        self._hosts: Mapping[str, str] = document.get("hosts", {})
        self._rules: list[Mapping[str, Json]] = document.get("acls", [])
        self._open = "acls" not in document and "grants" not in document
        self._names = {user.id: user.name for user in users}
        self._nodes = nodes

    def verdict(self, source: str, target: str) -> str:
        """This will be ALLOWED when every machine of the one may reach every one of the other."""
        name, _, port = target.rpartition(":")
        sources, targets = self._named(source), self._named(name)
        pairs = [(one, other) for one in sources for other in targets]
        allowed = bool(pairs) and all(self._may(one, other, port) for one, other in pairs)
        return "ALLOWED" if allowed else "DENIED"

    def fault_of(self, source: str) -> str:
        """This will be why nobody is meant by the source of a test; empty when somebody may be."""
        if "@" in source and source not in {f"{name}@" for name in self._names.values()}:
            return f'user not found: token "{source}"'
        is_other = source == "*" or ":" in source or "@" in source or is_network(source)
        if not is_other and source not in self._hosts:
            return f'error resolving host: "{source}"'
        return ""

    def _may(self, one: Node, other: Node, port: str) -> bool:
        return self._open or any(self._lets(rule, one, other, port) for rule in self._rules)

    def _lets(self, rule: Mapping[str, Json], one: Node, other: Node, port: str) -> bool:
        if not any(one in self._named(name) for name in rule.get("src") or []):
            return False
        for target in rule.get("dst") or []:
            name, _, ports = target.rpartition(":")
            if not _covers(ports, port):
                continue
            if name == "autogroup:self":
                if one.user_id == other.user_id and not one.tags and not other.tags:
                    return True
            elif other in self._named(name):
                return True
        return False

    def _named(self, name: str) -> list[Node]:
        return [node for node in self._nodes if self._is(node, name)]

    def _is(self, node: Node, name: str) -> bool:
        if name.startswith("group:"):
            return any(self._is(node, member) for member in self._groups.get(name) or [])
        owner = "" if node.tags else f"{self._names.get(node.user_id)}@"
        address = self._hosts.get(name, name).partition("/")[0]
        return (
            name in ("*", owner, *node.tags)
            or (name == "autogroup:member" and not node.tags)
            or (name == "autogroup:tagged" and bool(node.tags))
            or address in node.addresses
        )


def _covers(ports: str, port: str) -> bool:
    asked = _range(port)
    return any(low <= asked[0] and asked[1] <= high for low, high in map(_range, ports.split(",")))


def _range(text: str) -> tuple[float, float]:
    if text == "*":
        return _EVERY_PORT
    low, dash, high = text.partition("-")
    return (float(low), float(high if dash else low))
