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
_PARSING = "parsing policy from bytes: "
_LAST_PORT = 65535
_KINDS = (
    *("wildcard (*)", 'user (containing an "@")', 'group (starting with "group:")'),
    *('tag (starting with "tag:")', 'autogroup (starting with "autogroup:")', "host"),
)
_PORTS = re.compile(r"[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*", re.ASCII)
_BRACKETS = re.compile(r"\[[0-9a-fA-F:]+\]", re.ASCII)


def complaint(release: Release, document: Mapping[str, Json]) -> str:
    """This will be what a release says against a rule, without `parsing policy: `; empty for none.

    What cannot be read at all comes before what is not defined.
    """
    words = list(_words(document))
    for reason in (_unreadable, _undefined):
        for place, kind, word in words:
            if found := reason(release, document, (place, kind, word)):
                return found
    return ""


Word = tuple[str, str, str]


def _words(document: Mapping[str, Json]) -> Iterator[Word]:
    """Every word of a rule: where it stands, `src` or `dst`, and itself."""
    for number, rule in enumerate(_entries(document.get("acls"))):
        for kind in ("src", "dst"):
            named = rule.get(kind)
            for place, word in enumerate(named if isinstance(named, list) else []):
                if isinstance(word, str):
                    yield f"/acls/{number}/{kind}/{place}", kind, word


def _entries(section: Json) -> Sequence[Mapping[str, Json]]:
    return [one for one in section or [] if isinstance(one, dict)]


def _unreadable(release: Release, _: Mapping[str, Json], word: Word) -> str:
    place, kind, text = word
    alias, problem = text, ""
    if kind == "dst":
        alias, problem = _split(release, text)
    if not problem and not _is_alias(alias):
        problem = _no_alias(release, alias)
    if not problem and kind == "dst" and not release.since(27) and _is_strange_group(alias):
        problem = f'AutoGroup is invalid, got: "{alias}", must be one of [autogroup:internet]'
    if not problem:
        return ""
    type_name = "v2.AliasEnc" if kind == "src" else "v2.AliasWithPorts"
    where = f'json: cannot unmarshal JSON string into Go {type_name} within "{place}": '
    return f"{_PARSING}{where if release.since(27) else ''}{problem}"


def _is_strange_group(alias: str) -> bool:
    return alias.startswith("autogroup:") and alias != "autogroup:internet"


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
    return bool(alias) and (":" not in alias or _is_network(alias))


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


def _no_alias(release: Release, alias: str) -> str:
    if release.since(29):
        return f'invalid alias format: "{alias}"'
    kinds = "".join(f"\n- {kind}" for kind in _KINDS)
    return f'Invalid alias "{alias}". An alias must be one of the following types:{kinds}\n'


def _undefined(release: Release, document: Mapping[str, Json], word: Word) -> str:
    _, kind, text = word
    alias = text if kind == "src" else _split(release, text)[0]
    if alias == "*" or "@" in alias or _is_network(alias):
        return ""
    if alias.startswith("autogroup:"):
        return _strange_source(release, alias) if kind == "src" else ""
    if alias.startswith("group:"):
        return _missing(release, "Group", alias, document.get("groups"))
    if alias.startswith("tag:"):
        return _missing(release, "Tag", alias, document.get("tagOwners"))
    return _missing(release, "Host", alias, document.get("hosts"))


def _strange_source(release: Release, alias: str) -> str:
    known = next(names for minor, names in reversed(_SOURCES.items()) if release.since(minor))
    if alias in known:
        return ""
    listed = f"[{' '.join(known)}]"
    if release.since(29):
        return f'autogroup not supported for ACL sources: "{alias}", can be {listed}'
    return f'autogroup "{alias}" is not supported for ACL sources, can be {listed}'


def _missing(release: Release, kind: str, alias: str, defined: Json) -> str:
    if isinstance(defined, dict) and alias in defined:
        return ""
    if not release.since(29):
        must = "please define or remove the reference to it"
        return f'{kind} "{alias}" is not defined in the Policy, {must}'
    if kind == "Tag":
        return f'src=tag not found: "{alias}"'
    return f'{kind.lower()} not defined in policy: "{alias}"'
