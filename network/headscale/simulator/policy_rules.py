"""Rules, grants, rules of SSH and tests: what a release cannot read in them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from network.headscale.simulator.policy_refusals import (
    Json,
    Reader,
    as_text,
    fault_of_protocol,
    go_type_of,
    pointer,
)
from network.headscale.simulator.policy_words import fault_of_ports, unreadable_word

RULE_FIELDS = ("action", "proto", "src", "dst")
GRANT_FIELDS = ("src", "dst", "ip", "app", "via", "srcPosture")
SSH_FIELDS = ("action", "src", "dst", "users", "checkPeriod", "acceptEnv")
TEST_FIELDS = ("src", "proto", "accept", "deny")
_SSH_ACTIONS = ("accept", "check")


class Rules(Reader):
    """Each section gives its refusals in the order of the text."""

    def rules(self, value: Json) -> Iterator[str]:
        refusal, entries = self.entries(value, "v2.ACL", "/acls", "Policy.acls")
        for place, rule in entries:
            for said, name, where, content in self.fields(rule, RULE_FIELDS, place, "v2.ACL"):
                if said and not name.startswith("#"):
                    yield said
                elif name == "action":
                    yield from self._action(where, content)
                elif name == "proto":
                    yield from self._protocol(where, content, "ACL.acls.proto")
                elif name in ("src", "dst"):
                    wanted = "AliasEnc" if name == "src" else "AliasWithPorts"
                    yield from self._words(where, content, wanted, f"ACL.acls.{name}")
        if refusal:
            yield refusal

    def _words(self, place: str, value: Json, wanted: str, field: str) -> Iterator[str]:
        for said, where, word in self.strings(value, f"[]v2.{wanted}", place, field):
            if said:
                yield said
            elif found := unreadable_word(self.release, wanted, word):
                yield self.within("", f"v2.{wanted}", where, found)

    def _action(self, place: str, value: Json) -> Iterator[str]:
        if not self.release.since(27):
            if not isinstance(value, str | None):
                yield self.misfit(value, "string", place, "ACL.acls.action")
        elif value != "accept":
            text = as_text(value)
            words = self.say(
                f'invalid action "{text}", must be "accept"',
                f'action="{text}" is not supported: invalid ACL action',
            )
            yield self.within(value, "v2.Action", place, words)

    def _protocol(self, place: str, value: Json, field: str) -> Iterator[str]:
        if not self.release.since(27):
            if not isinstance(value, str | None):
                yield self.misfit(value, "string", place, field)
        elif found := fault_of_protocol(self.release, as_text(value).lower()):
            yield self.within(value, "v2.Protocol", place, found)

    def grants(self, value: Json) -> Iterator[str]:
        refusal, entries = self.entries(value, "v2.Grant", "/grants", "")
        for place, grant in entries:
            for said, name, where, content in self.fields(grant, GRANT_FIELDS, place, "v2.Grant"):
                yield from [said] if said else self._field_of_grant(name, where, content)
        if refusal:
            yield refusal

    def _field_of_grant(self, name: str, place: str, value: Json) -> Iterator[str]:
        if name in ("src", "dst"):
            yield from self._words(place, value, "AliasEnc", "")
        elif name == "ip":
            yield from self._ports(place, value)
        elif name == "via":
            yield from self._via(place, value)
        elif name == "app":
            yield from self._capabilities(place, value)

    def _ports(self, place: str, value: Json) -> Iterator[str]:
        if not isinstance(value, list | None):
            yield self.misfit(value, "[]v2.ProtocolPort", place, "")
            return
        for number, text in enumerate(value or []):
            found = f"type not supported: {go_type_of(text)}"
            if isinstance(text, str):
                protocol, colon, ports = text.rpartition(":")
                found = fault_of_protocol(self.release, protocol.lower()) if colon else ""
                problem = "" if found else fault_of_ports(self.release, ports)
                found = f'port range "{ports}": {problem}' if problem else found
            if found:
                yield self.within(text, "v2.ProtocolPort", f"{place}/{number}", found)

    def _via(self, place: str, value: Json) -> Iterator[str]:
        if not isinstance(value, list | None):
            yield self.misfit(value, "[]v2.Tag", place, "")
        elif not all(isinstance(tag, str) and tag.startswith("tag:") for tag in value or []):
            yield "via can only be a tag"

    def _capabilities(self, place: str, value: Json) -> Iterator[str]:
        if not isinstance(value, dict | None):
            yield self.misfit(value, "tailcfg.PeerCapMap", place, "")
        for name, content in (value if isinstance(value, dict) else {}).items():
            if not isinstance(content, list | None):
                yield self.misfit(content, "[]tailcfg.RawMessage", f"{place}/{pointer(name)}", "")

    def ssh(self, value: Json) -> Iterator[str]:
        """What is said of who may reach whom by SSH is not looked at, but for names and `*`."""
        refusal, entries = self.entries(value, "v2.SSH", "/ssh", "Policy.ssh")
        for place, rule in entries:
            for said, name, where, content in self.fields(rule, SSH_FIELDS, place, "v2.SSH"):
                if said:
                    yield said
                elif name == "action":
                    yield from self._ssh_action(where, content)
                elif name in ("src", "dst"):
                    wanted = "[]v2.AliasEnc"
                    yield from (
                        one[0] for one in self.strings(content, wanted, where, "") if one[0]
                    )
                    yield from self._ssh_target(where, name, content)
        if refusal:
            yield refusal

    def _ssh_action(self, place: str, value: Json) -> Iterator[str]:
        if value in _SSH_ACTIONS:
            return
        text = as_text(value)
        if not self.release.since(27):
            yield f'SSH action "{text}" is not valid, must be accept or check'
            return
        words = self.say(
            f'invalid SSH action "{text}", must be one of: accept, check',
            f'"{text}" is not a valid action',
        )
        yield self.within(value, "v2.SSHAction", place, words)

    def _ssh_target(self, place: str, name: str, value: Json) -> Iterator[str]:
        if name == "dst" and self.release.since(28) and "*" in (value or []):
            words = "wildcard (*) is not supported as SSH destination"
            yield self.within(value, "v2.SSHDstAliases", place, words)

    def tests(self, value: Json) -> Iterator[str]:
        wanted = "v2.PolicyTest"
        refusal, entries = self.entries(value, wanted, "/tests", "")
        for place, test in entries:
            for said, name, where, content in self.fields(test, TEST_FIELDS, place, wanted):
                yield from [said] if said else self._field_of_test(name, where, content)
        if refusal:
            yield refusal

    def _field_of_test(self, name: str, place: str, value: Json) -> Iterator[str]:
        if name == "src" and not isinstance(value, str | None):
            yield self.misfit(value, "string", place, "")
        elif name == "proto":
            yield from self._protocol(place, value, "")
        elif name in ("accept", "deny"):
            found = self.strings(value, "[]string", place, "")
            yield from (one[0] for one in found if one[0])

    def client_port(self, value: Json) -> Iterator[str]:
        if not isinstance(value, bool):
            yield self.misfit(value, "bool", "/randomizeClientPort", "")

    def attributes(self, value: Json) -> Iterator[str]:
        """Only that they are a list of objects."""
        if refusal := self.entries(value, "v2.NodeAttrGrant", "/nodeAttrs", "")[0]:
            yield refusal

    def ssh_tests(self, value: Json) -> Iterator[str]:
        """Only that they are a list of objects."""
        if refusal := self.entries(value, "v2.SSHPolicyTest", "/sshTests", "")[0]:
            yield refusal
