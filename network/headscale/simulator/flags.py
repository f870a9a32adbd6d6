"""The grammar of the command line: flags before or after, clusters, `--`, numbers of any base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from network.headscale.simulator.errors import UsageError

STRING, UINT, BOOL, STRINGS = "string", "uint", "bool", "strings"
Value = str | int | bool | tuple[str, ...]
_ZERO: dict[str, Value] = {STRING: "", UINT: 0, BOOL: False, STRINGS: ()}
_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False"})
_LARGEST = (1 << 64) - 1
_PREFIXES = {"0x": 16, "0o": 8, "0b": 2}


@dataclass(frozen=True, slots=True)
class Flag:
    """One flag; `short` is a letter or empty. Known from release 0.`since` to before 0.`until`."""

    name: str
    short: str
    kind: str
    usage: str
    default: str = ""
    required: bool = False
    since: int = 0
    until: int = 1000

    @property
    def shown(self) -> str:
        """The flag as messages about its value call it."""
        return f"-{self.short}, --{self.name}" if self.short else f"--{self.name}"

    @property
    def initial(self) -> Value:
        """The value of a flag that is not given."""
        return self.default or _ZERO[self.kind]


class Parsed:
    """The values read so far. It stays readable when parsing stops at an error."""

    def __init__(self, flags: Sequence[Flag]) -> None:
        self.flags = flags
        self.values: dict[str, Value] = {flag.name: flag.initial for flag in flags}
        self.given: set[str] = set()
        self.arguments: list[str] = []

    def text(self, name: str) -> str:
        """This will be the value of a string flag."""
        return str(self.values[name])

    def number(self, name: str) -> int:
        """This will be the value of a number flag."""
        return int(self.values[name])  # type: ignore[arg-type]  # the kind says so

    def switch(self, name: str) -> bool:
        """This will be the value of a yes-or-no flag."""
        return bool(self.values[name])

    def words(self, name: str) -> tuple[str, ...]:
        """This will be the value of a list flag."""
        value = self.values[name]
        return value if isinstance(value, tuple) else ()

    def read(self, words: Sequence[str]) -> None:
        """This will read a command's words. Raises UsageError at the first wrong one."""
        left = list(words)
        while left:
            word = left.pop(0)
            if word == "--":
                self.arguments += left
                return
            if word.startswith("--"):
                self._long(word, left)
            elif word.startswith("-") and word != "-":
                self._cluster(word, left)
            else:
                self.arguments.append(word)

    def missing(self) -> list[str]:
        """This will be the required flags that were not given, sorted."""
        names = [flag.name for flag in self.flags if flag.required]
        return sorted(name for name in names if name not in self.given)

    def _long(self, word: str, left: list[str]) -> None:
        name, equals, value = word[2:].partition("=")
        if not name or name[0] in "-=":
            raise UsageError(f"bad flag syntax: {word}")
        flag = next((flag for flag in self.flags if flag.name == name), None)
        if flag is None:
            raise UsageError(f"unknown flag: --{name}")
        if equals:
            self._set(flag, value)
        elif flag.kind == BOOL:
            self._set(flag, "true")
        elif not left:
            raise UsageError(f"flag needs an argument: --{name}")
        else:
            self._set(flag, left.pop(0))

    def _cluster(self, word: str, left: list[str]) -> None:
        letters = word[1:]
        while letters:
            flag = next((flag for flag in self.flags if flag.short == letters[0]), None)
            if flag is None:
                raise UsageError(f"unknown shorthand flag: {letters[0]!r} in -{letters}")
            rest, letters = letters[1:], letters[1:]
            if rest.startswith("=") and len(rest) > 1:
                self._set(flag, rest[1:])
            elif flag.kind == BOOL:
                self._set(flag, "true")
                continue
            elif rest:
                self._set(flag, rest)
            elif left:
                self._set(flag, left.pop(0))
            else:
                raise UsageError(f"flag needs an argument: {flag.short!r} in -{flag.short}")
            return

    def _set(self, flag: Flag, text: str) -> None:
        try:
            value = _value(flag.kind, text)
        except ValueError as error:
            message = f'invalid argument "{text}" for "{flag.shown}" flag: {error}'
            raise UsageError(message) from error
        before = self.values[flag.name]
        if isinstance(value, tuple) and isinstance(before, tuple) and flag.name in self.given:
            value = before + value
        self.values[flag.name] = value
        self.given.add(flag.name)


def _value(kind: str, text: str) -> Value:
    if kind == UINT:
        return parse_number(text)
    if kind == BOOL:
        return _switch(text)
    if kind == STRINGS:
        return tuple(text.split(",")) if text else ()
    return text


def _switch(text: str) -> bool:
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise ValueError(f'strconv.ParseBool: parsing "{text}": invalid syntax')


def parse_number(text: str) -> int:
    """This will read an unsigned number of 64 bits: 7, 0x7, 0o7, 07, 0b111, 1_000."""
    problem = f'strconv.ParseUint: parsing "{text}":'
    base = _PREFIXES.get(text[:2].lower(), 8 if text[:1] == "0" and len(text) > 1 else 10)
    if not text or not text.isascii() or text[0] in "+-_" or text != text.strip():
        raise ValueError(f"{problem} invalid syntax")
    digits = text[2:].lstrip("_") if text[:2].lower() in _PREFIXES else text
    try:
        number = int(digits, base)
    except ValueError:
        raise ValueError(f"{problem} invalid syntax") from None
    if number > _LARGEST:
        raise ValueError(f"{problem} value out of range")
    return number


def without_flags(flags: Mapping[str, Flag], words: Sequence[str]) -> list[int]:
    """This will find the words that are no flags and no values of flags, by position.

    An unknown flag is taken to have a value, which is how the real engine looks for the command.
    """
    positions: list[int] = []
    skip = False
    for position, word in enumerate(words):
        if skip:
            skip = False
        elif word == "--":
            break
        elif word.startswith("--"):
            skip = "=" not in word and not _is_switch(flags.get(word[2:]))
        elif word.startswith("-") and len(word) > 1:
            short = next((flag for flag in flags.values() if flag.short == word[1]), None)
            skip = "=" not in word and len(word) == 2 and not _is_switch(short)  # noqa: PLR2004
        else:
            positions.append(position)
    return positions


def _is_switch(flag: Flag | None) -> bool:
    return flag is not None and flag.kind == BOOL
