"""What the engine makes of a policy text: whether it can be read, and whose tags it knows.

Pure. Written against the recorded answers; it shares nothing with the project's own policy rules.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from network.headscale.simulator.policy_names import Names
from network.headscale.simulator.policy_refusals import (
    fold,
    is_old_protocol,
    misfit,
    pointer,
    unknown_field,
)
from network.headscale.simulator.policy_rules import (
    GRANT_FIELDS,
    RULE_FIELDS,
    SSH_FIELDS,
    TEST_FIELDS,
    Rules,
)
from network.headscale.simulator.policy_words import undefined
from network.headscale.simulator.releases import Release

Json = Any  # whatever the json module reads

_FIELDS = ("groups", "hosts", "tagOwners", "acls", "autoApprovers", "ssh")
_NEWER_FIELDS = ("grants", "tests", "sshTests", "nodeAttrs", "randomizeClientPort")
_OF_ENTRIES = {"acls": RULE_FIELDS, "grants": GRANT_FIELDS, "ssh": SSH_FIELDS, "tests": TEST_FIELDS}
# What is not closed goes on to the end, so that no text is searched from each of its places.
_STRING = r'"(?:\\.|[^"\\])*\\?(?:"|\Z)'
_COMMENT = re.compile(rf"{_STRING}|//[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z)", re.DOTALL)
_LAST_COMMA = re.compile(rf"{_STRING}|[\[{{]\s*,|,(?=\s*[}}\]])", re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_MOST_DIGITS = 300


class PolicyError(ValueError):
    """The engine refuses the text with these words; half a character is one that nobody knows."""

    def __init__(self, words: str) -> None:
        super().__init__(_SURROGATE.sub("\N{REPLACEMENT CHARACTER}", words))


def read(release: Release, text: str) -> Mapping[str, Json]:
    """This will read a policy as a release does: its sections and their fields by their own names.

    Sections that the release does not know, or that are null, are not there; entries that are null
    are empty. The empty text is an empty policy. Raises PolicyError.
    """
    if not text.strip():
        return {}
    document = _parsed(text)
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise _refused(misfit(release, document, "v2.Policy", "", ""))
    _refuse_bad_names(release, document)
    for complaint in unreadable(release, document):
        raise _refused(complaint)
    normal = _normal(release, document)
    for complaint in undefined(release, normal):
        raise _refused(complaint)
    _compile(release, normal)
    return normal


def live(release: Release, text: str) -> Mapping[str, Json]:
    """This will read the policy that a server follows; nothing where it cannot."""
    try:
        return read(release, text)
    except PolicyError:
        return {}


def owned_tags(document: Mapping[str, Json]) -> frozenset[str]:
    """This will be the tags that have an owner."""
    return frozenset(document.get("tagOwners", ()))


def unreadable(release: Release, document: Mapping[str, Json]) -> Iterator[str]:
    """This will give what a release cannot read, without `parsing policy: `, as the text has it."""
    names, rules = Names(release), Rules(release)
    sections = {
        "groups": names.groups,
        "hosts": names.hosts,
        "tagOwners": names.tag_owners,
        "autoApprovers": names.auto_approvers,
        "acls": rules.rules,
        "grants": rules.grants,
        "ssh": rules.ssh,
        "tests": rules.tests,
        "randomizeClientPort": rules.client_port,
        "nodeAttrs": rules.attributes,
        "sshTests": rules.ssh_tests,
    }
    known = _known(release)
    for name, value in document.items():
        folded = fold(name, known)
        if folded not in known:
            refusal = unknown_field(release, name)
            yield from [refusal] if refusal else []
        elif value is not None:
            yield from sections[folded](value)


def _known(release: Release) -> tuple[str, ...]:
    return _FIELDS + (_NEWER_FIELDS if release.since(29) else ())


def _normal(release: Release, document: Mapping[str, Json]) -> dict[str, Json]:
    known = _known(release)
    found = {fold(name, known): value for name, value in document.items() if value is not None}
    return {
        name: [_entry(one or {}, _OF_ENTRIES[name]) for one in value]
        if name in _OF_ENTRIES
        else _entry(value, ("routes", "exitNode"))
        if name == "autoApprovers"
        else value
        for name, value in found.items()
        if name in known
    }


def _entry(entry: Mapping[str, Json], known: tuple[str, ...]) -> dict[str, Json]:
    return {fold(name, known): value for name, value in entry.items()}


def _refused(complaint: str) -> PolicyError:
    return PolicyError(f"parsing policy: {complaint}")


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


def _refuse_bad_names(release: Release, document: Mapping[str, Json]) -> None:
    """From 0.27 on a name stands once in an object; of sections also in other letters."""
    if not release.since(27):
        return
    seen: set[str] = set()
    for name in document:
        folded = fold(name, _known(release))
        if folded in seen:
            raise _repeated(name, "")
        seen.add(folded)
    _refuse_within(document, "")


def _refuse_within(value: Json, place: str) -> None:
    if isinstance(value, _Object):
        if value.repeated:
            raise _repeated(value.repeated, place)
        for name, inner in value.items():
            _refuse_within(name, place)
            _refuse_within(inner, f"{place}/{pointer(name)}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            _refuse_within(inner, f"{place}/{number}")
    elif isinstance(value, str) and _SURROGATE.search(value):
        raise _refused(f'parsing policy from bytes: jsontext: invalid surrogate pair in "{place}"')


def _repeated(name: str, place: str) -> PolicyError:
    within = f' within "{place}"' if place else ""
    return _refused(
        f'parsing policy from bytes: jsontext: duplicate object member name "{name}"{within}'
    )


def _compile(release: Release, document: Mapping[str, Json]) -> None:
    """Refuse what up to 0.28 is noticed only when the rules are made."""
    for rule in document.get("acls", ()):
        protocol = str(rule.get("proto") or "")
        if not release.since(29) and rule.get("action") != "accept":
            raise PolicyError("compiling filter rules: invalid action")
        if not release.since(27) and not is_old_protocol(protocol):
            words = f'parsing protocol number: strconv.Atoi: parsing "{protocol}": invalid syntax '
            raise PolicyError(f"compiling filter rules: parsing policy, protocol err: {words}")


def _parsed(text: str) -> Json:
    """Read JSON with comments and last commas; blanks take their place, so that columns stay."""
    plain = _LAST_COMMA.sub(_without_comma, _COMMENT.sub(_blank, text))
    try:
        return json.loads(
            plain, object_pairs_hook=_object, parse_constant=_no_number, parse_int=_number
        )
    except json.JSONDecodeError as error:
        at_end = error.pos >= len(plain.rstrip())
        what = "unexpected EOF" if at_end else "invalid character"
        raise _misread(text, len(text.rstrip("\n")) if at_end else error.pos, what) from error
    except RecursionError as error:
        raise _misread(text, 0, "exceeded max depth") from error


def _blank(found: re.Match[str]) -> str:
    text = found[0]
    closed = text.startswith("//") or (text.startswith("/*") and text[2:].endswith("*/"))
    return re.sub(r"[^\n]", " ", text) if closed else text


def _without_comma(found: re.Match[str]) -> str:
    return " " if found[0] == "," else found[0]


def _no_number(name: str) -> NoReturn:
    raise _misread("", 0, f"invalid literal: {name}")


def _number(digits: str) -> float:
    return int(digits) if len(digits) < _MOST_DIGITS else float("inf")


def _misread(text: str, place: int, what: str) -> PolicyError:
    line = text.count("\n", 0, place) + 1
    column = place - (text.rfind("\n", 0, place) + 1) + 1
    return _refused(f"parsing HuJSON: hujson: line {line}, column {column}: parsing value: {what}")
