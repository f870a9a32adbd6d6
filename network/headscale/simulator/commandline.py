"""From the words of a call to the command they mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from network.headscale.simulator.errors import UsageError
from network.headscale.simulator.flags import BOOL, Flag, Parsed, without_flags
from network.headscale.simulator.grammar.command import Command
from network.headscale.simulator.grammar.tree import root
from network.headscale.simulator.releases import Release

_HELP = Flag("help", "h", BOOL, "help")
_NEAR = 2


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A command, the path to it, and its words still to be read into `parsed`."""

    path: tuple[Command, ...]
    parsed: Parsed
    words: tuple[str, ...]

    @property
    def command(self) -> Command:
        """The command that is meant."""
        return self.path[-1]

    @property
    def verb(self) -> str:
        """The canonical name of what is asked, whatever alias was used."""
        return self.command.verb or " ".join(part.name for part in self.path[1:])


def find(release: Release, argv: Sequence[str]) -> CommandLine:
    """This will walk down to the command; its flags are not read yet.

    Raises UsageError when the first word names no command; below that, an unknown word is an
    argument, and the group it stands in will print its help.
    """
    path = [root(release, argv)]
    words = list(argv)
    while True:
        flags = {flag.name: flag for flag in _known(path)}
        positions = without_flags(flags, words)
        child = path[-1].child(words[positions[0]]) if positions else None
        if child is None:
            break
        del words[positions[0]]
        path.append(child)
    if len(path) == 1 and positions:
        raise UsageError(_unknown_command(path[0], words[positions[0]]))
    return CommandLine(tuple(path), Parsed(_known(path)), tuple(words))


def _known(path: Sequence[Command]) -> list[Flag]:
    above = [flag for part in path for flag in part.inherited]
    own = {flag.name for flag in path[-1].flags}
    return [*path[-1].flags, *(flag for flag in above if flag.name not in own), _HELP]


def _unknown_command(top: Command, word: str) -> str:
    text = f'unknown command "{word}" for "{top.name}"'
    near = [child.name for child in top.children if _is_near(word.lower(), child.name)]
    if near:
        names = "".join(f"\t{name}\n" for name in near)
        text += f"\n\nDid you mean this?\n{names}"
    return text


def _is_near(word: str, name: str) -> bool:
    return name.startswith(word) or _distance(word, name) <= _NEAR


def _distance(one: str, other: str) -> int:
    """Count the letters to insert, remove or exchange."""
    row = list(range(len(other) + 1))
    for line, letter in enumerate(one, start=1):
        previous, row[0] = row[0], line
        for column, candidate in enumerate(other, start=1):
            change = previous + (letter != candidate)
            previous, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, change)
    return row[-1]
