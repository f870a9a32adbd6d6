"""How a verb becomes words: flags and values as data, rendered so that no value becomes a flag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from network.headscale.arguments import CHECKS
from network.headscale.errors import InvalidArgumentError


@dataclass(frozen=True, slots=True)
class IdFlag:
    """A short flag and a canonical decimal as two words, as in `-i 7`."""

    flag: str
    argument: str

    def words(self, value: object) -> list[str]:
        return [self.flag, CHECKS[self.argument](value)]


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag with its value as one word (`--name=value`); left out when the argument is absent."""

    flag: str
    argument: str

    def words(self, value: object) -> list[str]:
        return [f"{self.flag}={CHECKS[self.argument](value)}"]


@dataclass(frozen=True, slots=True)
class EachFlag:
    """One occurrence of the flag per element, so that a comma can never make two."""

    flag: str
    argument: str

    def words(self, value: object) -> list[str]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise InvalidArgumentError(f"Invalid {self.argument}")
        return [f"{self.flag}={CHECKS[self.argument](element)}" for element in value]


@dataclass(frozen=True, slots=True)
class WholeSet(EachFlag):
    """A set that replaces the one before: like EachFlag, but the empty set is said, too."""

    def words(self, value: object) -> list[str]:
        return EachFlag.words(self, value) or [f"{self.flag}="]


@dataclass(frozen=True, slots=True)
class Switch:
    """A flag without value, present when the argument is true."""

    flag: str
    argument: str

    def words(self, value: object) -> list[str]:
        if not isinstance(value, bool):
            raise InvalidArgumentError(f"Invalid {self.argument}")
        return [self.flag] if value else []


@dataclass(frozen=True, slots=True)
class Positional:
    """The one free word; it stands behind `--`, so that it can never be read as a flag."""

    argument: str

    def words(self, value: object) -> list[str]:
        return ["--", CHECKS[self.argument](value)]


Part = IdFlag | Flag | EachFlag | WholeSet | Switch | Positional


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing the engine can be asked to do.

    `needs` are the arguments without which the call is refused. `answer` names the reader in
    `dialects`. A repeatable verb may be sent again when it provably had no effect. `feature` names
    the entry of `features` that says which releases know it. `stdin` names the argument that
    travels as the call's input. A `bare` verb knows neither `-o` nor `-c`.
    """

    name: str
    words: tuple[str, ...]
    answer: str
    parts: tuple[Part, ...] = ()
    needs: frozenset[str] = frozenset()
    changes: bool = False
    repeatable: bool = True
    feature: str = ""
    stdin: str = ""
    bare: bool = False

    def argv(self, arguments: Mapping[str, object]) -> tuple[str, ...]:
        """Render the words after `headscale`; raises InvalidArgumentError for anything unusual."""
        given = {name: value for name, value in arguments.items() if value is not None}
        known = {part.argument for part in self.parts} | ({self.stdin} - {""})
        wrong = (given.keys() - known) | (self.needs - given.keys())
        if wrong:
            raise InvalidArgumentError(f"Wrong arguments: {sorted(wrong)}")
        words = [*([] if self.bare else ["-o", "json"]), *self.words]
        for part in self.parts:
            if part.argument in given:
                words += part.words(given[part.argument])
        return tuple(words)

    def input(self, arguments: Mapping[str, object]) -> bytes | None:
        """Render what the call reads from its input; None closes it."""
        if not self.stdin:
            return None
        return CHECKS[self.stdin](arguments.get(self.stdin)).encode()
