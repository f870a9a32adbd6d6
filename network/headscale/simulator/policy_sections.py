"""The sections of a policy: what a release cannot read in them, and how it says so.

Pure. Written from what real releases answered to one fault at a time; where a text has several, the
first one in the order of the text is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from network.headscale.simulator.policy_words import (
    OWNER_KINDS,
    is_network,
    no_kind,
    unreadable_word,
)
from network.headscale.simulator.releases import Release

Json = Any  # whatever the json module reads

_PROTOCOLS = (
    *("", "tcp", "udp", "icmp", "sctp", "esp", "ah", "gre", "igmp", "ipv4", "ip-in-ip"),
    *("egp", "igp"),
)
_NEWER_PROTOCOLS = ("ipv6-icmp", "fc")
_LAST_PROTOCOL = 255
_RULE_FIELDS = ("action", "proto", "src", "dst")
_GRANT_FIELDS = ("src", "dst", "ip", "app", "via", "srcPosture")
_NO_HOST = ("group:", "tag:", "autogroup:")
_PROTOCOL_NAMES = "use protocol number 0-255 or protocol name (icmp, tcp, udp, etc.)"


def unreadable(release: Release, document: Mapping[str, Json]) -> Iterator[str]:
    """This will give what a release cannot read, without `parsing policy: `, as the text has it."""
    reader = _Reader(release)
    sections: dict[str, Callable[[Json], Iterator[str]]] = {
        "groups": reader.groups,
        "hosts": reader.hosts,
        "tagOwners": reader.tag_owners,
        "acls": reader.rules,
        "grants": reader.grants,
        "ssh": reader.ssh,
        "autoApprovers": reader.auto_approvers,
    }
    for name, value in document.items():
        if value is not None and name in sections:
            yield from sections[name](value)


def is_old_protocol(text: str) -> bool:
    """This will say whether 0.26 knows a protocol: small letters, or any number."""
    digits = text[1:] if text[:1] in ("+", "-") else text
    return text in _PROTOCOLS or (digits.isascii() and digits.isdigit())


class _Reader:
    def __init__(self, release: Release) -> None:
        self._release = release

    def groups(self, value: Json) -> Iterator[str]:
        if not isinstance(value, dict):
            wanted = self._say_since_27("map[string][]string", "map[string]interface {}")
            yield self._misfit(value, wanted, "/groups", "Policy.groups")
            return
        for name, members in value.items():
            yield from self._shape_of_group(name, members)
        for name, members in value.items():
            if not name.startswith("group:"):
                old = f'Group has to start with "group:", got: "{name}"'
                yield self._of_groups(old, f"group must start with 'group:', got: \"{name}\"")
            for member in members or []:
                yield from self._member(name, member)

    def _shape_of_group(self, name: str, members: Json) -> Iterator[str]:
        if not self._release.since(27):
            yield from self._old_shape_of_group(members)
            return
        if not isinstance(members, list):
            got = {"null": "<nil>", "number": "float64"}.get(_kind(members), _kind(members))
            got += f': "{members}"' if isinstance(members, str) else ""
            old = f'Group "{name}" value must be an array of users, got {got}'
            new = f'group value must be an array of users: group "{name}" got {got}'
            yield self._of_groups(old, new)
        elif not all(isinstance(member, str) for member in members):
            found = "expected string but got float64"
            old = f'Group "{name}" contains invalid member type, {found}'
            yield self._of_groups(old, f'invalid group member type: group "{name}" {found}')

    def _old_shape_of_group(self, members: Json) -> Iterator[str]:
        if not isinstance(members, list | None):
            yield self._misfit(members, "[]string", "", "Policy.groups")
        for member in members or []:
            if not isinstance(member, str):
                yield self._misfit(member, "string", "", "Policy.groups")

    def _member(self, name: str, member: str) -> Iterator[str]:
        if member.startswith("group:"):
            old = f'Nested groups are not allowed, found "{member}" inside "{name}"'
            yield self._of_groups(
                old, f'groups["{name}"]: "{member}": group members cannot be recursive'
            )
        elif "@" not in member:
            old = f'Username has to contain @, got: "{member}"'
            yield self._of_groups(old, f'username must contain @, got: "{member}"')

    def _of_groups(self, old: str, new: str) -> str:
        return self._within({}, "v2.Groups", "/groups", self._say(old, new))

    def hosts(self, value: Json) -> Iterator[str]:
        if not isinstance(value, dict):
            yield self._misfit(value, "map[string]string", "/hosts", "Policy.hosts")
            return
        for name, address in value.items():
            if not isinstance(address, str):
                yield self._misfit(address, "string", f"/hosts/{name}", "Policy.hosts")
        for name, address in value.items():
            old = new = ""
            if "@" in name or name.startswith(_NO_HOST):
                old, new = f'Hostname "{name}" is invalid', f'invalid hostname: "{name}"'
            elif not is_network(address):
                old = f'Hostname "{name}" contains an invalid IP address: "{address}"'
                wrong = f'hostname "{name}" address "{address}"'
                new = f"hostname contains invalid IP address: {wrong}"
            if old:
                yield self._within({}, "v2.Hosts", "/hosts", self._say(old, new))

    def tag_owners(self, value: Json) -> Iterator[str]:
        if not isinstance(value, dict):
            wanted = "v2.TagOwners"
            yield self._misfit(value, wanted, "/tagOwners", "Policy.tagOwners")
            return
        for name, owners in value.items():
            place = f"/tagOwners/{name}"
            if not name.startswith("tag:") and self._release.since(27):
                old = f'tag has to start with "tag:", got: "{name}"'
                new = f"tag must start with 'tag:', got: \"{name}\""
                yield self._within("", "v2.Tag", place, self._say(old, new))
            yield from self._people(
                owners, "Owner", place, "Policy.tagOwners", tags=self._release.since(28)
            )

    def _people(
        self, value: Json, kind: str, place: str, field: str, *, tags: bool
    ) -> Iterator[str]:
        """Read a list of users, groups, and perhaps tags."""
        if not isinstance(value, list | None):
            yield self._misfit(value, f"[]v2.{kind}Enc", place, field)
            return
        starts = ("group:", "tag:") if tags else ("group:",)
        named = {"Owner": "owner", "AutoApprover": "auto approver"}[kind]
        for number, person in enumerate(value or []):
            where = f"{place}/{number}"
            if not isinstance(person, str):
                yield self._misfit(person, "string", where, field)
            elif "@" not in person and not person.startswith(starts):
                old = (
                    no_kind(kind, person, OWNER_KINDS) + "\nPlease check the format and try again."
                )
                words = self._say(old, f'invalid {named} format: "{person}"')
                yield self._within("", f"v2.{kind}Enc", where, words)

    def rules(self, value: Json) -> Iterator[str]:
        if not isinstance(value, list):
            yield self._misfit(value, "[]v2.ACL", "/acls", "Policy.acls")
            return
        for number, rule in enumerate(value):
            place = f"/acls/{number}"
            if isinstance(rule, dict):
                for name, content in rule.items():
                    yield from self._field_of_rule(f"{place}/{name}", name, content)
            elif rule is not None:
                wanted = self._say_since_27("v2.ACL", "map[string]interface {}")
                yield self._misfit(rule, wanted, place, "Policy.acls")

    def _field_of_rule(self, place: str, name: str, value: Json) -> Iterator[str]:
        if name == "action":
            yield from self._action(place, value)
        elif name == "proto":
            yield from self._protocol(place, value)
        elif name in ("src", "dst"):
            wanted = "[]v2.AliasEnc" if name == "src" else "[]v2.AliasWithPorts"
            yield from self._words(place, name, value, wanted, f"ACL.acls.{name}")
        elif not name.startswith("#"):
            yield from self._unknown(name, _RULE_FIELDS)

    def _words(self, place: str, name: str, value: Json, wanted: str, field: str) -> Iterator[str]:
        if not isinstance(value, list | None):
            yield self._misfit(value, wanted, place, field)
            return
        for number, word in enumerate(value or []):
            if not isinstance(word, str):
                yield self._misfit(word, "string", f"{place}/{number}", field)
            elif found := unreadable_word(self._release, wanted[5:], word):
                yield self._within("", wanted[2:], f"{place}/{number}", found)

    def _action(self, place: str, value: Json) -> Iterator[str]:
        if not self._release.since(27):
            if not isinstance(value, str | None):
                yield self._misfit(value, "string", place, "ACL.acls.action")
        elif value != "accept":
            text = "null" if value is None else value
            old = f'invalid action "{text}", must be "accept"'
            new = f'action="{text}" is not supported: invalid ACL action'
            yield self._within(value, "v2.Action", place, self._say(old, new))

    def _protocol(self, place: str, value: Json) -> Iterator[str]:
        if not self._release.since(27):
            if not isinstance(value, str | None):
                yield self._misfit(value, "string", place, "ACL.acls.proto")
        elif found := self._fault_of_protocol("null" if value is None else str(value).lower()):
            yield self._within(value, "v2.Protocol", place, found)

    def _fault_of_protocol(self, text: str) -> str:
        newer = _NEWER_PROTOCOLS if self._release.since(29) else ()
        if text in (*_PROTOCOLS, *newer):
            return ""
        if text == "*":
            return f'proto name "*" not known; {_PROTOCOL_NAMES}'
        try:
            number = int(text)
        except ValueError:
            must = "must be a known protocol name or valid protocol number 0-255"
            old = f'invalid protocol "{text}": {must}'
            return self._say(old, f'invalid protocol number: "{text}" {must}')
        if not 0 <= number <= _LAST_PROTOCOL:
            old = f"protocol number {text} out of range (0-255)"
            return self._say(old, f"protocol number out of range (0-255): {text}")
        if text[0] == "0" and (text == "0" or not self._release.since(29)):
            old = f'leading 0 not permitted in protocol number "{text}"'
            return self._say(old, f'leading 0 not permitted in protocol number: "{text}"')
        return ""

    def grants(self, value: Json) -> Iterator[str]:
        if not self._release.since(29):
            return
        if not isinstance(value, list):
            yield self._misfit(value, "[]v2.Grant", "/grants", "")
            return
        for number, grant in enumerate(value):
            place = f"/grants/{number}"
            if isinstance(grant, dict):
                for name, content in grant.items():
                    yield from self._field_of_grant(f"{place}/{name}", name, content)
            elif grant is not None:
                yield self._misfit(grant, "v2.Grant", place, "")

    def _field_of_grant(self, place: str, name: str, value: Json) -> Iterator[str]:
        if name in ("src", "dst"):
            yield from self._words(place, name, value, "[]v2.AliasEnc", "")
        elif name == "ip":
            for number, text in enumerate(value or []):
                protocol, colon, _ports = str(text).rpartition(":")
                found = self._fault_of_protocol(protocol.lower()) if colon else ""
                if found:
                    yield self._within("", "v2.ProtocolPort", f"{place}/{number}", found)
        else:
            yield from self._unknown(name, _GRANT_FIELDS)

    def ssh(self, value: Json) -> Iterator[str]:
        if not isinstance(value, list):
            yield self._misfit(value, "[]v2.SSH", "/ssh", "Policy.ssh")

    def auto_approvers(self, value: Json) -> Iterator[str]:
        if not isinstance(value, dict):
            yield self._misfit(
                value, "v2.AutoApproverPolicy", "/autoApprovers", "Policy.autoApprovers"
            )
            return
        for text, people in (value.get("routes") or {}).items():
            place = f"/autoApprovers/routes/{text}"
            if "/" not in text:
                found = f"netip.ParsePrefix(\"{text}\"): no '/'"
                yield self._within("", "netip.Prefix", place, found)
            yield from self._people(people, "AutoApprover", place, "Policy.routes", tags=True)
        yield from self._people(
            value.get("exitNode"),
            "AutoApprover",
            "/autoApprovers/exitNode",
            "Policy.exitNode",
            tags=True,
        )

    def _unknown(self, name: str, known: tuple[str, ...]) -> Iterator[str]:
        if name not in known and self._release.since(27):
            yield f'unknown field{":" if self._release.since(29) else ""} "{name}"'

    def _say(self, old: str, new: str) -> str:
        return new if self._release.since(29) else old

    def _say_since_27(self, old: str, new: str) -> str:
        return new if self._release.since(27) else old

    def _misfit(self, value: Json, wanted: str, place: str, field: str) -> str:
        """Say that something is of another kind than it must be, as the JSON readers do."""
        return misfit(self._release, value, wanted, place, field)

    def _within(self, value: Json, wanted: str, place: str, problem: str) -> str:
        where = f'json: cannot unmarshal JSON {_kind(value)} into Go {wanted} within "{place}": '
        return f"{_FROM_BYTES}{where if self._release.since(27) else ''}{problem}"


_FROM_BYTES = "parsing policy from bytes: "
_KINDS = ((dict, "object"), (list, "array"), (str, "string"), (bool, "boolean"))


def misfit(release: Release, value: Json, wanted: str, place: str, field: str) -> str:
    """This will say that something is of another kind than it must be."""
    kind = _kind(value)
    if release.since(27):
        within = f' within "{place}"' if place else ""
        said = f"cannot unmarshal JSON {kind} into Go {wanted}{within}"
    else:
        kind = {"boolean": "bool"}.get(kind, kind)
        into = f"struct field {field} of type" if field else "value of type"
        said = f"cannot unmarshal {kind} into Go {into} {wanted}"
    return f"{_FROM_BYTES}json: {said}"


def _kind(value: Json) -> str:
    if value is None:
        return "null"
    return next((name for kind, name in _KINDS if isinstance(value, kind)), "number")
