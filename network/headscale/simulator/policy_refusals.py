"""How a release says that something in a policy cannot be read. Pure; written from real answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from network.headscale.simulator.releases import Release

Json = Any  # whatever the json module reads

_FROM_BYTES = "parsing policy from bytes: "
_KINDS = ((dict, "object"), (list, "array"), (str, "string"), (bool, "boolean"))
_GO_TYPES = {
    "null": "<nil>",
    "number": "float64",
    "boolean": "bool",
    "object": "map[string]interface {}",
    "array": "[]interface {}",
}
_PROTOCOLS = (
    *("", "tcp", "udp", "icmp", "sctp", "esp", "ah", "gre", "igmp", "ipv4", "ip-in-ip"),
    *("egp", "igp"),
)
_NEWER_PROTOCOLS = ("ipv6-icmp", "fc")
_PROTOCOL_NAMES = "use protocol number 0-255 or protocol name (icmp, tcp, udp, etc.)"
_LAST_PROTOCOL = 255
_NUMBER = re.compile(r"[+-]?[0-9]+", re.ASCII)


def kind_of(value: Json) -> str:
    """This will be what JSON calls a value."""
    if value is None:
        return "null"
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "number")


def go_type_of(value: Json) -> str:
    """This will be what Go calls a value of which it knows nothing beforehand."""
    return _GO_TYPES.get(kind_of(value), kind_of(value))


def as_text(value: Json) -> str:
    """This will be a value as it stands in the text; a string without its quotes."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def pointer(name: str) -> str:
    """This will be a name within a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def misfit(release: Release, value: Json, wanted: str, place: str, field: str) -> str:
    """This will say that a value is of another kind than the type of Go that it must be."""
    kind = kind_of(value)
    if release.since(27):
        within = f' within "{place}"' if place else ""
        said = f"cannot unmarshal JSON {kind} into Go {wanted}{within}"
    else:
        kind = {"boolean": "bool"}.get(kind, kind)
        into = f"struct field {field} of type" if field else "value of type"
        said = f"cannot unmarshal {kind} into Go {into} {wanted}"
    return f"{_FROM_BYTES}json: {said}"


def within(release: Release, value: Json, wanted: str, place: str, problem: str) -> str:
    """This will say what is wrong with a value of the right kind; 0.26 does not say where."""
    if not release.since(27):
        return f"{_FROM_BYTES}{problem}"
    into = f'cannot unmarshal JSON {kind_of(value)} into Go {wanted} within "{place}"'
    return f"{_FROM_BYTES}json: {into}: {problem}"


def unknown_field(release: Release, name: str) -> str:
    """This will say from 0.27 on that a name does not stand here; 0.26 reads over it."""
    if not release.since(27):
        return ""
    return f'unknown field{":" if release.since(29) else ""} "{name}"'


def is_old_protocol(text: str) -> bool:
    """This will say whether 0.26 knows a protocol: small letters, or any number."""
    return text in _PROTOCOLS or _NUMBER.fullmatch(text) is not None


def fault_of_protocol(release: Release, text: str) -> str:
    """This will be what is wrong with a protocol from 0.27 on; empty for nothing."""
    newer = _NEWER_PROTOCOLS if release.since(29) else ()
    if text in (*_PROTOCOLS, *newer):
        return ""
    if text == "*":
        return f'proto name "*" not known; {_PROTOCOL_NAMES}'
    if not _NUMBER.fullmatch(text):
        must = "must be a known protocol name or valid protocol number 0-255"
        named = f'number: "{text}" {must}' if release.since(29) else f'"{text}": {must}'
        return f"invalid protocol {named}"
    return _fault_of_number(release, text)


def _fault_of_number(release: Release, text: str) -> str:
    colon, number = ":" if release.since(29) else "", float(text)
    if not 0 <= number <= _LAST_PROTOCOL:
        if release.since(29):
            return f"protocol number out of range (0-255): {text}"
        return f"protocol number {text} out of range (0-255)"
    if text[0] == "0" and (number == 0 or not release.since(29)):
        return f'leading 0 not permitted in protocol number{colon} "{text}"'
    return ""


class Reader:
    """What the readers of all sections have in common."""

    def __init__(self, release: Release) -> None:
        self.release = release

    def say(self, until_28: str, since_29: str) -> str:
        """This will be the words of the time."""
        return since_29 if self.release.since(29) else until_28

    def misfit(self, value: Json, wanted: str, place: str, field: str) -> str:
        return misfit(self.release, value, wanted, place, field)

    def within(self, value: Json, wanted: str, place: str, problem: str) -> str:
        return within(self.release, value, wanted, place, problem)

    def entries(
        self, value: Json, wanted: str, place: str, field: str
    ) -> tuple[str, list[tuple[str, Mapping[str, Json]]]]:
        """Return the refusal of a list of objects, and the objects with their places.

        A null is an empty object. `wanted` is the type of one.
        """
        if not isinstance(value, list):
            return self.misfit(value, f"[]{wanted}", place, field), []
        found: list[tuple[str, Mapping[str, Json]]] = []
        for number, entry in enumerate(value):
            if not isinstance(entry, dict | None):
                shown = self.shown_type(wanted)
                return self.misfit(entry, shown, f"{place}/{number}", field), found
            found.append((f"{place}/{number}", entry or {}))
        return "", found

    def shown_type(self, wanted: str) -> str:
        """This will be the type that is named: rules are read as any object first from 0.27 on."""
        is_plain = wanted == "v2.ACL" and self.release.since(27)
        return "map[string]interface {}" if is_plain else wanted

    def strings(
        self, value: Json, wanted: str, place: str, field: str
    ) -> Iterator[tuple[str, str, str]]:
        """Give (refusal, place, text) for each string of a list; the refusal is empty or alone."""
        if not isinstance(value, list | None):
            yield self.misfit(value, wanted, place, field), place, ""
            return
        for number, text in enumerate(value or []):
            where = f"{place}/{number}"
            said = "" if isinstance(text, str) else self.misfit(text, "string", where, field)
            yield said, where, text

    def fields(
        self, entry: Mapping[str, Json], known: Sequence[str], place: str, wanted: str
    ) -> Iterator[tuple[str, str, str, Json]]:
        """Give (refusal, known name, place, value) of an object; letters may be of any case."""
        seen: set[str] = set()
        for name, value in entry.items():
            folded = fold(name, known)
            if folded in seen and self.release.since(27):
                said = f'duplicate object member name "{name}"'
                yield self.within(entry, wanted, place, said), "", place, value
            seen.add(folded)
            refusal = "" if folded in known else unknown_field(self.release, name)
            yield refusal, folded, f"{place}/{pointer(name)}", value


def fold(name: str, known: Sequence[str]) -> str:
    """This will be a name as the engine knows it, whatever letters were used."""
    return next((one for one in known if one.casefold() == name.casefold()), name)
