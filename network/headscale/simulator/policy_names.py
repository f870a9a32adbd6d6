"""Groups, hosts, owners of tags, approvers of routes: what a release cannot read in them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from network.headscale.simulator.policy_refusals import Json, Reader, as_text, go_type_of, pointer
from network.headscale.simulator.policy_words import (
    OWNER_KINDS,
    fault_of_prefix,
    is_network,
    no_kind,
)

_NO_HOST = ("group:", "tag:", "autogroup:")
_CALLED = {"Owner": "owner", "AutoApprover": "auto approver"}


class Names(Reader):
    """Each section gives its refusals in the order of the text."""

    def groups(self, value: Json) -> Iterator[str]:
        if not isinstance(value, dict):
            any_map = "map[string]interface {}"
            wanted = any_map if self.release.since(27) else "map[string][]string"
            yield self.misfit(value, wanted, "/groups", "Policy.groups")
            return
        for name, members in value.items():
            yield from self._shape_of_group(name, members)
        for name, members in value.items():
            if not name.startswith("group:"):
                yield self._of_groups(
                    f'Group has to start with "group:", got: "{name}"',
                    f"group must start with 'group:', got: \"{name}\"",
                )
            for member in members or []:
                yield from self._member(name, member or "")

    def _shape_of_group(self, name: str, members: Json) -> Iterator[str]:
        if not self.release.since(27):
            yield from self._old_shape_of_group(members)
        elif not isinstance(members, list):
            got = go_type_of(members)
            got += f': "{members}"' if isinstance(members, str) else ""
            yield self._of_groups(
                f'Group "{name}" value must be an array of users, got {got}',
                f'group value must be an array of users: group "{name}" got {got}',
            )
        for member in members if isinstance(members, list) and self.release.since(27) else []:
            if not isinstance(member, str):
                found = f"expected string but got {go_type_of(member)}"
                yield self._of_groups(
                    f'Group "{name}" contains invalid member type, {found}',
                    f'invalid group member type: group "{name}" {found}',
                )

    def _old_shape_of_group(self, members: Json) -> Iterator[str]:
        if not isinstance(members, list | None):
            yield self.misfit(members, "[]string", "", "Policy.groups")
        for member in members if isinstance(members, list) else []:
            if not isinstance(member, str | None):
                yield self.misfit(member, "string", "", "Policy.groups")

    def _member(self, name: str, member: str) -> Iterator[str]:
        if member.startswith("group:"):
            yield self._of_groups(
                f'Nested groups are not allowed, found "{member}" inside "{name}"',
                f'groups["{name}"]: "{member}": group members cannot be recursive',
            )
        elif "@" not in member:
            yield self._of_groups(
                f'Username has to contain @, got: "{member}"',
                f'username must contain @, got: "{member}"',
            )

    def _of_groups(self, until_28: str, since_29: str) -> str:
        return self.within({}, "v2.Groups", "/groups", self.say(until_28, since_29))

    def hosts(self, value: Json) -> Iterator[str]:
        if not isinstance(value, dict):
            yield self.misfit(value, "map[string]string", "/hosts", "Policy.hosts")
            return
        for name, address in value.items():
            if not isinstance(address, str | None):
                yield self.misfit(address, "string", f"/hosts/{pointer(name)}", "Policy.hosts")
        for name, address in value.items():
            words = ""
            if "@" in name or name.startswith(_NO_HOST):
                words = self.say(f'Hostname "{name}" is invalid', f'invalid hostname: "{name}"')
            elif not is_network(address or ""):
                wrong = f'hostname "{name}" address "{address or ""}"'
                words = self.say(
                    f'Hostname "{name}" contains an invalid IP address: "{address or ""}"',
                    f"hostname contains invalid IP address: {wrong}",
                )
            if words:
                yield self.within({}, "v2.Hosts", "/hosts", words)

    def tag_owners(self, value: Json) -> Iterator[str]:
        if not isinstance(value, dict):
            yield self.misfit(value, "v2.TagOwners", "/tagOwners", "Policy.tagOwners")
            return
        for name, owners in value.items():
            place = f"/tagOwners/{pointer(name)}"
            if not name.startswith("tag:") and self.release.since(27):
                words = self.say(
                    f'tag has to start with "tag:", got: "{name}"',
                    f"tag must start with 'tag:', got: \"{name}\"",
                )
                yield self.within("", "v2.Tag", place, words)
            tags = self.release.since(28)
            yield from self._people(owners, "Owner", place, "Policy.tagOwners", tags=tags)

    def auto_approvers(self, value: Json) -> Iterator[str]:
        place, wanted = "/autoApprovers", "v2.AutoApproverPolicy"
        if not isinstance(value, dict):
            yield self.misfit(value, wanted, place, "Policy.autoApprovers")
            return
        known = ("routes", "exitNode")
        for said, name, where, content in self.fields(value, known, place, wanted):
            if said:
                yield said
            elif name == "routes" and content is not None:
                yield from self._approvers_of_routes(where, content)
            elif name == "exitNode":
                field = "AutoApproverPolicy.autoApprovers.exitNode"
                yield from self._people(content, "AutoApprover", where, field, tags=True)

    def _approvers_of_routes(self, place: str, value: Json) -> Iterator[str]:
        field = "AutoApproverPolicy.autoApprovers.routes"
        if not isinstance(value, dict):
            yield self.misfit(value, "map[netip.Prefix]v2.AutoApprovers", place, field)
            return
        for text, people in value.items():
            where = f"{place}/{pointer(text)}"
            if found := fault_of_prefix(text):
                words = f'netip.ParsePrefix("{text}"): {found}'
                yield self.within("", "netip.Prefix", where, words)
            yield from self._people(people, "AutoApprover", where, field, tags=True)

    def _people(
        self, value: Json, kind: str, place: str, field: str, *, tags: bool
    ) -> Iterator[str]:
        """Read a list of users, groups, and perhaps tags."""
        starts = ("group:", "tag:") if tags else ("group:",)
        for said, where, person in self.strings(value, f"[]v2.{kind}Enc", place, field):
            if said:
                yield said
            elif "@" not in person and not person.startswith(starts):
                named = no_kind(kind, as_text(person), OWNER_KINDS)
                words = self.say(
                    f"{named}\nPlease check the format and try again.",
                    f'invalid {_CALLED[kind]} format: "{person}"',
                )
                yield self.within("", f"v2.{kind}Enc", where, words)
