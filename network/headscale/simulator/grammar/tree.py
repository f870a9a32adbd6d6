"""The whole tree of commands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from network.headscale.simulator.grammar.command import (
    CONFIG,
    FORCE,
    OUTPUT,
    Command,
    known_to,
)
from network.headscale.simulator.grammar.keys import APIKEYS, PREAUTHKEYS
from network.headscale.simulator.grammar.nodes import AUTH, DEBUG, NODES
from network.headscale.simulator.grammar.policy import OAUTH, POLICY
from network.headscale.simulator.grammar.users import USERS
from network.headscale.simulator.releases import Release

_HEALTH = Command("health", "Check the health of your Headscale server", "health", since=27)
_VERSION = Command("version", "Print the version.", "version", flags=(replace(OUTPUT, since=27),))
_ROOT = Command(
    name="headscale",
    short="headscale - a Tailscale control server",
    inherited=(CONFIG, FORCE, OUTPUT),
    children=(
        APIKEYS,
        AUTH,
        DEBUG,
        _HEALTH,
        NODES,
        OAUTH,
        POLICY,
        PREAUTHKEYS,
        USERS,
        _VERSION,
    ),
)
_WITHOUT_GLOBAL_FLAGS = frozenset({"version", "mockoidc", "completion"})


def root(release: Release, argv: Sequence[str]) -> Command:
    """This will be the tree of a release; some first words take the global flags away."""
    tree = _tree(release)
    bare = bool(_WITHOUT_GLOBAL_FLAGS & set(argv[:1])) or checks_alone(release, argv)
    return replace(tree, inherited=()) if bare else tree


def checks_alone(release: Release, argv: Sequence[str]) -> bool:
    """This will say whether the program checks a policy by itself, and knows no global flags."""
    return not release.since(29) and {"policy", "check"} <= set(argv)


@cache
def _tree(release: Release) -> Command:
    return known_to(release, _ROOT)
