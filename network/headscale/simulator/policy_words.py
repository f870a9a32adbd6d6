"""The words in a policy's rules: which of them a release refuses, and how it says so.

Pure. Written from what real releases answered. Whoever is named need not exist, but groups, tags
and hosts must be defined in the policy itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_address
from typing import Any

from network.headscale.simulator.releases import Release

Json = Any  # whatever the json module reads

_SOURCES = {
    26: (),
    27: ("autogroup:member", "autogroup:tagged"),
    29: ("autogroup:member", "autogroup:tagged", "autogroup:danger-all"),
}
_LAST_PORT = 65535
_KINDS = (
    *("wildcard (*)", 'user (containing an "@")', 'group (starting with "group:")'),
    *('tag (starting with "tag:")', 'autogroup (starting with "autogroup:")', "host"),
)
OWNER_KINDS = (_KINDS[1], _KINDS[2], _KINDS[3])
_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "132": "sctp"}
_WITH_PORTS = ("", "tcp", "udp", "sctp")
_PORTS = re.compile(r"[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*", re.ASCII)
_BITS = re.compile(r"0|[1-9][0-9]{0,2}", re.ASCII)
_BRACKETS = re.compile(r"\[[0-9a-fA-F:]+\]", re.ASCII)


def unreadable_word(release: Release, wanted: str, text: str) -> str:
    """This will say what a release cannot read in a word of a rule; empty for nothing.

    `wanted` is the type of Go: AliasWithPorts for the destinations of a rule, else AliasEnc.
    """
    alias, problem = text, ""
    if wanted == "AliasWithPorts":
        alias, problem = _split(release, text)
    if not problem and not _is_alias(alias):
        problem = _no_alias(release, alias)
    if not problem and wanted == "AliasWithPorts" and _is_strange_group(release, alias):
        problem = f'AutoGroup is invalid, got: "{alias}", must be one of [autogroup:internet]'
    return problem


def _is_strange_group(release: Release, alias: str) -> bool:
    known = alias == "autogroup:internet" or release.since(27)
    return alias.startswith("autogroup:") and not known


def _split(release: Release, text: str) -> tuple[str, str]:
    """Part a destination from its ports: the alias, and what is wrong with the rest."""
    alias, colon, ports = text.rpartition(":")
    if not colon:
        missing = "" if release.since(29) else ' (":")'
        return text, f"hostport must contain a colon{missing}" if release.since(27) else ""
    if not ports:
        return alias, "input cannot end with a colon character"
    named = f'dst="{text}": port range "{ports}": ' if release.since(29) else ""
    problem = fault_of_ports(release, ports)
    bare = alias[1:-1] if release.since(29) and _BRACKETS.fullmatch(alias) else alias
    return bare, problem and named + problem


def fault_of_ports(release: Release, ports: str) -> str:
    """This will be what is wrong with the ports of a target; empty for nothing."""
    if ports == "*":
        return ""
    if not _PORTS.fullmatch(ports):
        return "invalid first integer" if release.since(29) else f'invalid port number "{ports}"'
    for low, _, high in (part.partition("-") for part in ports.split(",")):
        # A float has no limit of digits.
        if max(float(low), float(high or 0)) > _LAST_PORT:
            return "port number out of range"
        if float(high or low) < float(low):
            return "invalid port range: first port is greater than last port"
        if float(low) == 0 and release.since(27):
            return "first port must be >0, or use '*' for wildcard"
    return ""


def _is_alias(alias: str) -> bool:
    if alias == "*" or "@" in alias or alias.startswith(("group:", "tag:", "autogroup:")):
        return bool(alias)
    return bool(alias) and (":" not in alias or is_network(alias))


def is_network(text: str) -> bool:
    """This will say whether a text is an address or a network: no netmask, no leading zero."""
    if "/" in text:
        return not fault_of_prefix(text)
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def fault_of_prefix(text: str) -> str:
    """This will be what is wrong with a network; empty for nothing. Host bits may be left in."""
    address, slash, bits = text.rpartition("/")
    if not slash:
        return "no '/'"
    try:
        parsed = ip_address(address)
    except ValueError:
        return f'ParseAddr("{address}"): unable to parse IP'
    if "%" in address:
        return "IPv6 zones cannot be present in a prefix"
    if not _BITS.fullmatch(bits):
        return f'bad bits after slash: "{bits}"'
    return "" if int(bits) <= parsed.max_prefixlen else "prefix length out of range"


def _no_alias(release: Release, alias: str) -> str:
    if release.since(29):
        return f'invalid alias format: "{alias}"'
    return no_kind("alias", alias, _KINDS)


def no_kind(name: str, text: str, kinds: Sequence[str]) -> str:
    """This will say up to 0.28 that something is of none of the kinds that it may be."""
    listed = "".join(f"\n- {kind}" for kind in kinds)
    return f'Invalid {name} "{text}". An alias must be one of the following types:{listed}\n'


def undefined(release: Release, document: Mapping[str, Json]) -> Iterator[str]:
    """This will give what is named and not defined, or has no meaning, as a release looks for it.

    The document is a readable one in its normal form (`policies.read`).
    """
    for kind, text in _words(document, "acls"):
        alias = text if kind == "src" else _split(release, text)[0]
        yield from _of_alias(release, document, kind, alias, "src=tag not found")
    for kind, alias in _words(document, "grants"):
        yield from _of_alias(release, document, kind, alias, "tag not found")
    yield from _of_grants(document)
    yield from _of_ssh(release, document)
    yield from _of_owners(release, document)
    yield from _of_approvers(release, document)
    if release.since(27):
        yield from _of_ports(release, document)
    yield from _of_tests(release, document)


def _words(document: Mapping[str, Json], section: str) -> Iterator[tuple[str, str]]:
    """Every word of a rule, and whether it stands in `src` or `dst`."""
    for rule in document.get(section, ()):
        for kind in ("src", "dst"):
            for word in rule.get(kind) or []:
                yield kind, word


def _of_alias(
    release: Release, document: Mapping[str, Json], kind: str, alias: str, tag: str
) -> Iterator[str]:
    if alias == "*" or "@" in alias or is_network(alias):
        return
    if alias.startswith("autogroup:"):
        if kind == "src" and (found := _strange_source(release, alias)):
            yield found
        return
    place = {"group": ("Group", "groups"), "tag": ("Tag", "tagOwners")}
    named, section = place.get(alias.partition(":")[0], ("Host", "hosts"))
    if alias not in document.get(section, ()):
        yield _missing(release, named, alias, tag)


def _of_grants(document: Mapping[str, Json]) -> Iterator[str]:
    for grant in document.get("grants", ()):
        if not grant.get("ip") and not grant.get("app"):
            yield "ip and app can not both be empty"
        for tag in grant.get("via") or []:
            if tag not in document.get("tagOwners", ()):
                yield f'tag "{tag}" not found'


def _of_ssh(release: Release, document: Mapping[str, Json]) -> Iterator[str]:
    for rule in document.get("ssh", ()):
        if "action" not in rule and not release.since(27):
            yield 'SSH action "" is not valid, must be accept or check'
        if release.since(29):
            asked = (("action", "action must be specified"), ("users", "users must be specified"))
            missing = [words for name, words in asked if not rule.get(name)]
            if missing:
                yield "\n\t".join(["multiple errors:", *missing]) if missing[1:] else missing[0]
    for _, alias in _words(document, "ssh"):
        if alias.startswith(("group:", "tag:")) and "@" not in alias:
            yield from _of_person(release, document, alias)


def _of_person(release: Release, document: Mapping[str, Json], person: str) -> Iterator[str]:
    """Say that a group or a tag is not defined; users need not exist."""
    named, section = ("Tag", "tagOwners") if person.startswith("tag:") else ("Group", "groups")
    if "@" not in person and person not in document.get(section, ()):
        yield _missing(release, named, person)


def _of_owners(release: Release, document: Mapping[str, Json]) -> Iterator[str]:
    owners: Mapping[str, Json] = document.get("tagOwners", {})
    for tag, people in owners.items():
        if release.since(29) and not tag[4:5].isalpha():
            yield f"tagOwners[\"{tag}\"]: tag names must start with a letter, after 'tag:'"
        for person in people or []:
            for gone in _of_person(release, document, person):
                also = f'tag "{tag}" references undefined tag "{person}"'
                named = f"multiple errors:\n\t{gone}\n\t{also}"
                yield named if person.startswith("tag:") else gone
        circle = [] if release.since(29) else _circle(owners, tag)
        if circle:
            yield f"circular reference detected: {' -> '.join(circle)}"


def _circle(owners: Mapping[str, Json], first: str) -> list[str]:
    """Return the tags that own each other in a circle, from the first on; each is left once."""
    path, left = [first], set[str]()
    owned = [iter(owners.get(first) or [])]
    while path:
        for person in owned[-1]:
            if person in path:
                return path
            if person in owners and person not in left:
                path.append(person)
                owned.append(iter(owners.get(person) or []))
                break
        else:
            left.add(path.pop())
            owned.pop()
    return []


def _of_approvers(release: Release, document: Mapping[str, Json]) -> Iterator[str]:
    approvers: Mapping[str, Json] = document.get("autoApprovers", {})
    lists = [*(approvers.get("routes") or {}).values(), approvers.get("exitNode")]
    for person in (person for people in lists for person in people or []):
        yield from _of_person(release, document, person)


def _of_ports(release: Release, document: Mapping[str, Json]) -> Iterator[str]:
    """Say which protocols are given ports that have none; 0.29 knows common ones by number."""
    for rule in document.get("acls", ()):
        protocol = str(rule.get("proto") or "").lower()
        if release.since(29):
            protocol = _NUMBERS.get(protocol, protocol)
        if protocol in _WITH_PORTS:
            continue
        for word in rule.get("dst") or []:
            if word.rpartition(":")[2] != "*":
                old = f'protocol "{protocol}" does not support specific ports; only "*" is allowed'
                new = f'protocol does not support specific ports: "{protocol}", only "*" is allowed'
                yield new if release.since(29) else old


def _of_tests(release: Release, document: Mapping[str, Json]) -> Iterator[str]:
    """Say which tests could not be made at all; those that fail are found later."""
    for number, test in enumerate(document.get("tests", ())):
        if not test.get("accept") and not test.get("deny"):
            least = 'test entry must have at least one of "accept" or "deny"'
            yield f"test(s) failed:\ntest {number}: {least}"
        for name in ("accept", "deny"):
            for target in test.get(name) or []:
                if found := _split(release, target)[1]:
                    yield f'test(s) failed:\ntest {number}, {name} "{target}": {found}'


def _strange_source(release: Release, alias: str) -> str:
    known = next(names for minor, names in reversed(_SOURCES.items()) if release.since(minor))
    if alias in known:
        return ""
    listed = f"[{' '.join(known)}]"
    if release.since(29):
        return f'autogroup not supported for ACL sources: "{alias}", can be {listed}'
    return f'autogroup "{alias}" is not supported for ACL sources, can be {listed}'


def _missing(release: Release, kind: str, alias: str, tag: str = "tag not found") -> str:
    if not release.since(29):
        must = "please define or remove the reference to it"
        return f'{kind} "{alias}" is not defined in the Policy, {must}'
    if kind == "Tag":
        return f'{tag}: "{alias}"'
    return f'{kind.lower()} not defined in policy: "{alias}"'
