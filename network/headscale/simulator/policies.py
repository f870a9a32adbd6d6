"""What the engine makes of a policy text: whether it can be read, whose tags it knows, its tests.

Pure. Written against the recorded answers; it shares nothing with the project's own policy rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from network.headscale.simulator.policy_sections import is_old_protocol, misfit, unreadable
from network.headscale.simulator.policy_words import undefined
from network.headscale.simulator.records import Node, User
from network.headscale.simulator.releases import Release

Json = Any  # whatever the json module reads

_FIELDS = frozenset({"groups", "hosts", "tagOwners", "acls", "autoApprovers", "ssh"})
_NEWER_FIELDS = frozenset({"grants", "tests", "sshTests", "nodeAttrs", "randomizeClientPort"})
_SPACE = r"(?:\s|//[^\n]*|/\*.*?\*/)*"
_TOKEN = re.compile(rf'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?\*/|,(?={_SPACE}[}}\]])', re.DOTALL)
_EVERY_PORT = (0, 65535)


class PolicyError(ValueError):
    """The engine refuses the text with these words."""


def read(release: Release, text: str) -> Mapping[str, Json]:
    """This will read a policy as a release does; the empty text is an empty policy."""
    if not text.strip():
        return {}
    document = _parsed(text)
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise _refused(misfit(release, document, "v2.Policy", "", ""))
    if release.since(27):
        _refuse_repeated(document)
    document = {_folded(name): value for name, value in document.items()}
    _refuse_unknown(release, document)
    for complaint in chain(unreadable(release, document), undefined(release, document)):
        raise _refused(complaint)
    _compile(release, document)
    return document


def _refused(complaint: str) -> PolicyError:
    return PolicyError(f"parsing policy: {complaint}")


def _folded(name: str) -> str:
    """Name a section as the engine does, whatever letters were used."""
    folded = {known.lower(): known for known in _FIELDS | _NEWER_FIELDS}
    return folded.get(name.lower(), name)


class _Object(dict[str, Json]):
    """An object of JSON; it knows the name that stands in it twice."""

    repeated = ""


def _object(pairs: list[tuple[str, Json]]) -> _Object:
    found, seen = _Object(pairs), set[str]()
    for name, _ in pairs:
        if name in seen and not found.repeated:
            found.repeated = name
        seen.add(name)
    return found


def _refuse_repeated(document: Mapping[str, Json]) -> None:
    """Refuse a name that stands twice in an object; of sections also in other letters."""
    seen: set[str] = set()
    for name in document:
        if _folded(name) in seen:
            raise _repeated(name, "")
        seen.add(_folded(name))
    _refuse_repeated_within(document, "")


def _refuse_repeated_within(value: Json, place: str) -> None:
    if isinstance(value, _Object):
        if value.repeated:
            raise _repeated(value.repeated, place)
        for name, inner in value.items():
            _refuse_repeated_within(inner, f"{place}/{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _refuse_repeated_within(inner, f"{place}/{number}")


def _repeated(name: str, place: str) -> PolicyError:
    within = f' within "{place}"' if place else ""
    return _refused(
        f'parsing policy from bytes: jsontext: duplicate object member name "{name}"{within}'
    )


def _compile(release: Release, document: Mapping[str, Json]) -> None:
    """Refuse what up to 0.28 is noticed only when the rules are made."""
    for rule in document.get("acls") or []:
        protocol = str((rule or {}).get("proto") or "")
        if not release.since(29) and (rule or {}).get("action") != "accept":
            raise PolicyError("compiling filter rules: invalid action")
        if not release.since(27) and not is_old_protocol(protocol):
            words = f'parsing protocol number: strconv.Atoi: parsing "{protocol}": invalid syntax '
            raise PolicyError(f"compiling filter rules: parsing policy, protocol err: {words}")


def _parsed(text: str) -> Json:
    plain = _TOKEN.sub(lambda found: found[0] if found[0].startswith('"') else "", text)
    try:
        return json.loads(plain, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        at_end = error.pos >= len(plain.rstrip())
        what = "unexpected EOF" if at_end else "invalid character"
        place = len(text.rstrip("\n")) if at_end else min(error.pos, len(text))
        line = text.count("\n", 0, place) + 1
        column = place - (text.rfind("\n", 0, place) + 1) + 1
        words = f"hujson: line {line}, column {column}: parsing value: {what}"
        raise PolicyError(f"parsing policy: parsing HuJSON: {words}") from error


def _refuse_unknown(release: Release, document: Mapping[str, Json]) -> None:
    """0.26 reads over what it does not know, the others refuse it."""
    if not release.since(27):
        return
    known = _FIELDS | (_NEWER_FIELDS if release.since(29) else frozenset())
    for name in document:
        if name not in known:
            colon = ":" if release.since(29) else ""
            raise PolicyError(f'parsing policy: unknown field{colon} "{name}"')


def owned_tags(document: Mapping[str, Json]) -> frozenset[str]:
    """This will be the tags that have an owner."""
    return frozenset(document.get("tagOwners") or {})


def failed_tests(
    release: Release, document: Mapping[str, Json], users: Iterable[User], nodes: Iterable[Node]
) -> str:
    """This will be what the engine says of tests that fail; empty when all hold."""
    if not release.since(29):
        return ""
    network = _Network(document, list(users), list(nodes))
    found = [
        f"{test['src']} -> {target}: expected {expected}, got {got}"
        for test in document.get("tests") or []
        for expected, targets in (("ALLOWED", "accept"), ("DENIED", "deny"))
        for target in test.get(targets) or []
        if (got := network.verdict(test["src"], target)) != expected
    ]
    return "test(s) failed:\n" + "\n".join(found) if found else ""


class _Network:
    """The machines that the names of a policy stand for."""

    def __init__(self, document: Mapping[str, Json], users: list[User], nodes: list[Node]) -> None:
        self._groups: Mapping[str, list[str]] = document.get("groups") or {}
        self._hosts: Mapping[str, str] = document.get("hosts") or {}
        self._rules: list[Mapping[str, Json]] = document.get("acls") or []
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
            return any(self._is(node, member) for member in self._groups.get(name, []))
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


def _range(text: str) -> tuple[int, int]:
    if text == "*":
        return _EVERY_PORT
    low, dash, high = text.partition("-")
    return (int(low), int(high if dash else low))
