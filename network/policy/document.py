"""A policy in plain frozen values, whatever the release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from network.headscale.features import Release
from network.policy.aliases import Alias, Ports

Section = Literal["acls", "grants"]

# The sections of a policy and the first release that knows each.
SECTIONS: Mapping[str, Release] = {
    "groups": (0, 26),
    "hosts": (0, 26),
    "tagOwners": (0, 26),
    "acls": (0, 26),
    "autoApprovers": (0, 26),
    "ssh": (0, 26),
    "grants": (0, 29),
    "nodeAttrs": (0, 29),
    "tests": (0, 29),
    "sshTests": (0, 29),
    "randomizeClientPort": (0, 29),
}


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a rule leads: a word, the ports there, and the protocol in the rule's own letters."""

    alias: Alias
    ports: Ports
    protocol: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of `acls` or `grants`; everything that no rule allows is denied.

    `number` counts from 1 within its section, `line` is where it begins. `via` are tags: the rule
    then only shows routers with such a tag. A destination without ports, as a grant for an app has
    it, shows machines to each other and opens nothing.
    """

    section: Section
    number: int
    line: int
    sources: tuple[Alias, ...]
    destinations: tuple[Destination, ...]
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AutoApprovers:
    """Who may announce routes without being asked: (CIDR, who) pairs, and exit nodes."""

    routes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exit_node: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SshRule:
    """One rule of `ssh`; it opens no port, it only says who may sign in where one is open."""

    number: int
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Test:
    """What the engine itself checks before it takes the policy (0.29 and later)."""

    __test__ = False

    number: int
    source: str
    accept: tuple[str, ...]
    deny: tuple[str, ...]
    protocol: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A policy that could be read, for one release (None: not known, read like the newest).

    `acls` and `grants` are None where the section is missing or null; an empty one is empty.
    `unknown` are the names of sections that the release does not know, in the text's order.
    """

    release: Release | None
    is_empty: bool = False
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hosts: Mapping[str, str] = field(default_factory=dict)
    tag_owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    acls: tuple[Rule, ...] | None = None
    grants: tuple[Rule, ...] | None = None
    auto_approvers: AutoApprovers = AutoApprovers()
    ssh: tuple[SshRule, ...] = ()
    tests: tuple[Test, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def has_rules(self) -> bool:
        """Say whether there is a rule section; without one everything is open.

        While the release is not known, `grants` alone do not count: an older one ignores them.
        """
        return self.acls is not None or (self.grants is not None and self.release is not None)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of both sections, grants first, as the engine orders them."""
        return (*(self.grants or ()), *(self.acls or ()))
