"""The words in a policy's rules: which of them a release refuses, and how it says so.

Pure. Written from what real releases answered. Whoever is named need not exist, but groups, tags
and hosts must be defined in the policy itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network
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
    problem = _problem_of_ports(release, ports)
    bare = alias[1:-1] if release.since(29) and _BRACKETS.fullmatch(alias) else alias
    return bare, problem and named + problem


def _problem_of_ports(release: Release, ports: str) -> str:
    if ports == "*":
        return ""
    if not _PORTS.fullmatch(ports):
        return f'invalid port number "{ports}"'
    for low, _, high in (part.partition("-") for part in ports.split(",")):
        if max(int(low), int(high or 0)) > _LAST_PORT:
            return "port number out of range"
        if int(high or low) < int(low):
            return "invalid port range: first port is greater than last port"
        if int(low) == 0 and release.since(27):
            return "first port must be >0, or use '*' for wildcard"
    return ""


def _is_alias(alias: str) -> bool:
    if alias == "*" or "@" in alias or alias.startswith(("group:", "tag:", "autogroup:")):
        return bool(alias)
    return bool(alias) and (":" not in alias or is_network(alias))


def is_network(text: str) -> bool:
    """This will say whether a text is an address or a network."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _no_alias(release: Release, alias: str) -> str:
    if release.since(29):
        return f'invalid alias format: "{alias}"'
    return no_kind("alias", alias, _KINDS)


def no_kind(name: str, text: str, kinds: Sequence[str]) -> str:
    """This will say up to 0.28 that something is of none of the kinds that it may be."""
    listed = "".join(f"\n- {kind}" for kind in kinds)
    return f'Invalid {name} "{text}". An alias must be one of the following types:{listed}\n'


def undefined(release: Release, document: Mapping[str, Json]) -> Iterator[str]:
    """This will give what is named and not defined, in the order in which a release looks."""
    for kind, text in _words(document, "acls"):
        alias = text if kind == "src" else _split(release, text)[0]
        yield from _of_alias(release, document, kind, alias, "src=tag not found")
    if release.since(29):
        for kind, alias in _words(document, "grants"):
            yield from _of_alias(release, document, kind, alias, "tag not found")
        yield from _of_grants(document)
    yield from _of_owners(release, document)
    yield from _of_approvers(release, document)
    if release.since(27):
        yield from _of_ports(release, document)


def _words(document: Mapping[str, Json], section: str) -> Iterator[tuple[str, str]]:
    """Every word of a rule, and whether it stands in `src` or `dst`."""
    for rule in document.get(section) or []:
        for kind in ("src", "dst"):
            for word in (rule or {}).get(kind) or []:
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
    if alias not in (document.get(section) or {}):
        yield _missing(release, named, alias, tag)


def _of_ports(release: Release, document: Mapping[str, Json]) -> Iterator[str]:
    """Say which protocols are given ports that have none; 0.29 knows common ones by number."""
    for rule in document.get("acls") or []:
        protocol = str((rule or {}).get("proto") or "").lower()
        if release.since(29):
            protocol = _NUMBERS.get(protocol, protocol)
        if protocol in _WITH_PORTS:
            continue
        for word in rule.get("dst") or []:
            if word.rpartition(":")[2] != "*":
                old = f'protocol "{protocol}" does not support specific ports; only "*" is allowed'
                new = f'protocol does not support specific ports: "{protocol}", only "*" is allowed'
                yield new if release.since(29) else old


def _of_grants(document: Mapping[str, Json]) -> Iterator[str]:
    for grant in document.get("grants") or []:
        if not (grant or {}).get("ip") and not (grant or {}).get("app"):
            yield "ip and app can not both be empty"
        for tag in (grant or {}).get("via") or []:
            if tag not in (document.get("tagOwners") or {}):
                yield f'tag "{tag}" not found'


def _of_owners(release: Release, document: Mapping[str, Json]) -> Iterator[str]:
    owners: Mapping[str, Json] = document.get("tagOwners") or {}
    for tag, people in owners.items():
        if release.since(29) and not tag[4:5].isalpha():
            yield f"tagOwners[\"{tag}\"]: tag names must start with a letter, after 'tag:'"
        for person in people or []:
            if person.startswith("group:") and person not in (document.get("groups") or {}):
                yield _missing(release, "Group", person)
            if person.startswith("tag:") and person not in owners:
                gone = _missing(release, "Tag", person)
                also = f'tag "{tag}" references undefined tag "{person}"'
                yield f"multiple errors:\n\t{gone}\n\t{also}"
            if person == tag and not release.since(29):
                yield f"circular reference detected: {tag}"


def _of_approvers(release: Release, document: Mapping[str, Json]) -> Iterator[str]:
    approvers: Mapping[str, Json] = document.get("autoApprovers") or {}
    lists = [*(approvers.get("routes") or {}).values(), approvers.get("exitNode")]
    for person in (person for people in lists for person in people or []):
        if person.startswith("group:") and person not in (document.get("groups") or {}):
            yield _missing(release, "Group", person)
        if person.startswith("tag:") and person not in (document.get("tagOwners") or {}):
            yield _missing(release, "Tag", person)


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
