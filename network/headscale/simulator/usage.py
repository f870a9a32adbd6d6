"""Help and usage texts, laid out as the real command line lays them out."""

from __future__ import annotations

from collections.abc import Sequence

from network.headscale.simulator.flags import BOOL, Flag
from network.headscale.simulator.grammar.command import Command


def help_text(path: Sequence[Command]) -> str:
    """This will be what `--help` and a group without a verb print."""
    return f"{path[-1].short}\n\n{usage_text(path)}"


def usage_text(path: Sequence[Command]) -> str:
    """This will be the usage of the last command of a path from the root."""
    command = path[-1]
    name = " ".join(part.name for part in path)
    parts = [f"Usage:\n  {name}{_tail(command)}"]
    if command.aliases:
        parts.append("Aliases:\n  " + ", ".join((command.name, *command.aliases)))
    if command.children:
        parts.append("Available Commands:\n" + _children(command))
    asked = Flag("help", "h", BOOL, f"help for {command.name}")
    own = command.flags if len(path) > 1 else command.inherited
    parts.append("Flags:\n" + _flags([*own, asked]))
    above = [flag for part in path[:-1] for flag in part.inherited]
    if above:
        parts.append("Global Flags:\n" + _flags(above))
    if command.children:
        parts.append(f'Use "{name} [command] --help" for more information about a command.')
    return "\n\n".join(parts) + "\n"


def _tail(command: Command) -> str:
    if command.children:
        return " [command]"
    return f" {command.arguments} [flags]" if command.arguments else " [flags]"


def _children(command: Command) -> str:
    shown = [child for child in command.children if not child.deprecated]
    width = max(len(child.name) for child in command.children)
    return "\n".join(f"  {child.name:<{width}} {child.short}" for child in shown)


def _flags(flags: Sequence[Flag]) -> str:
    lines = [(_name(flag), _meaning(flag)) for flag in sorted(flags, key=lambda flag: flag.name)]
    width = max(len(name) for name, _ in lines)
    return "\n".join(f"{name:<{width}}   {meaning}" for name, meaning in lines)


def _name(flag: Flag) -> str:
    short = f"-{flag.short}, " if flag.short else "    "
    kind = "" if flag.kind == BOOL else f" {flag.kind}"
    return f"  {short}--{flag.name}{kind}"


def _meaning(flag: Flag) -> str:
    return f'{flag.usage} (default "{flag.default}")' if flag.default else flag.usage
