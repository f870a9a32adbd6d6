"""What a command is, and which part of one a release knows."""

from __future__ import annotations

from dataclasses import dataclass, replace

from network.headscale.simulator.flags import BOOL, STRING, Flag
from network.headscale.simulator.releases import Release

LISTED = ("ls", "show")
CONFIG = Flag("config", "c", STRING, "config file (default is /etc/headscale/config.yaml)")
FORCE = Flag("force", "", BOOL, "Disable prompts and forces the execution")
_FORMATS = "Output format. Empty for human-readable, 'json', 'json-line' or 'yaml'"
OUTPUT = Flag("output", "o", STRING, _FORMATS)


@dataclass(frozen=True, slots=True)
class Command:
    """One command. Without `verb` it only groups others and prints help.

    It exists from release 0.`since` on and no longer in 0.`until`; `old_aliases` went with 0.29.
    `inherited` flags count for the command and everything below it.
    """

    name: str
    short: str
    verb: str = ""
    arguments: str = ""
    aliases: tuple[str, ...] = ()
    old_aliases: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    inherited: tuple[Flag, ...] = ()
    children: tuple[Command, ...] = ()
    deprecated: str = ""
    since: int = 0
    until: int = 1000

    def child(self, word: str) -> Command | None:
        """This will find a sub-command by name or alias."""
        return next((c for c in self.children if word == c.name or word in c.aliases), None)


def known_to(release: Release, command: Command) -> Command:
    """This will be the command as a release knows it, with everything below it."""
    children = [known_to(release, child) for child in command.children if _in(release, child)]
    return replace(
        command,
        aliases=command.aliases + (() if release.since(29) else command.old_aliases),
        flags=tuple(flag for flag in command.flags if _in(release, flag)),
        inherited=tuple(flag for flag in command.inherited if _in(release, flag)),
        children=tuple(children),
    )


def _in(release: Release, item: Command | Flag) -> bool:
    return release.since(item.since) and not release.since(item.until)
