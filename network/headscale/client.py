"""One method a verb: asks the engine, reads its answer, and reads back what a change has done."""

from __future__ import annotations

from typing import cast

from network.headscale import commands
from network.headscale.calls import interpret
from network.headscale.errors import (
    HeadscaleError,
    InvalidArgumentError,
    RejectedError,
    TimedOutError,
    UnavailableError,
    UnreachableError,
    UnreadableError,
)
from network.headscale.features import Release
from network.headscale.grammar import Verb
from network.headscale.key_verbs import KeyVerbs
from network.headscale.node_verbs import NodeVerbs, expires_by
from network.headscale.policy_verbs import PolicyVerbs
from network.headscale.types import Health, Version

__all__ = [
    "HeadscaleClient",
    "HeadscaleError",
    "InvalidArgumentError",
    "RejectedError",
    "TimedOutError",
    "UnavailableError",
    "UnreachableError",
    "UnreadableError",
    "expires_by",
    "interpret",
]


class HeadscaleClient(NodeVerbs, KeyVerbs, PolicyVerbs):
    """The engine's command line as Python methods.

    Every method returns the values of `network.headscale.types` or raises one of the four kinds of
    HeadscaleError; InvalidArgumentError means that nothing was started. A change returns only
    after the engine's own list shows it; when it does not, TimedOutError says "outcome unknown".
    With `release` what that release lacks is refused before anything is sent.
    """

    def version(self) -> Version:
        """Ask which release the command line is; `dev` builds have no number."""
        return cast(Version, self._ask(commands.VERSION))

    def health(self) -> Health:
        """Ask whether the engine reaches its own database (0.27 and later)."""
        return cast(Health, self._ask(commands.HEALTH))

    def release(self) -> Release:
        """Find out which release the program is, from its number or else from what it knows."""
        version = self.version()
        if version.number is not None:
            return version.number[:2]
        if not version.has_build:
            return (0, 26)
        verbs = cast("frozenset[str]", self._ask(commands.NODES_HELP))
        if "move" in verbs:
            return (0, 27)
        if "register" in verbs:
            return (0, 28)
        return (0, 30) if self._has_group(commands.OAUTH_HELP) else (0, 29)

    def _has_group(self, group: Verb) -> bool:
        try:
            self._ask(group)
        except RejectedError as error:
            if error.reason == "usage":
                return False
            raise
        return True
