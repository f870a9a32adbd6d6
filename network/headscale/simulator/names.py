"""Which names machines get from their devices, and which ones people may give them."""

from __future__ import annotations

import os
from collections.abc import Collection

from network.headscale.simulator.releases import Release

_LONGEST = 63
_SHORTEST = 2
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
_DIGITS = frozenset("0123456789")
_LOWER = _LETTERS | _DIGITS
_ANY_CASE = _LOWER | {letter.upper() for letter in _LETTERS}
_DOTTED = _LOWER | {"-", "."}


class NameTooLongError(Exception):
    """0.26 cannot make a label of so long a host name."""


def label_problem(release: Release, name: str) -> str | None:
    """This will say in the release's words why a name is refused; None when it is accepted."""
    if release.since(29):
        return _problem_since_29(name)
    return _problem_27(name) if release.since(27) else _problem_26(name)


def _problem_26(name: str) -> str | None:
    if len(name) < _SHORTEST:
        return f"name must be at least {_SHORTEST} characters long"
    end = f"{name} doesn't comply with this rule: invalid user name"
    if len(name.encode()) > _LONGEST:
        return f"DNS segment must not be over {_LONGEST} chars. {end}"
    if name != name.lower():
        return f"DNS segment should be lowercase. {end}"
    if not set(name) <= _DOTTED:
        return (
            "DNS segment should only be composed of lowercase ASCII letters numbers, hyphen and "
            f"dots. {name} doesn't comply with these rules: invalid user name"
        )
    return None


def _problem_27(name: str) -> str | None:
    if len(name) < _SHORTEST:
        return f'hostname "{name}" is too short, must be at least {_SHORTEST} characters'
    if len(name.encode()) > _LONGEST:
        return f'hostname "{name}" is too long, must not exceed {_LONGEST} characters'
    if name != name.lower():
        return f'hostname "{name}" must be lowercase (try "{name.lower()}")'
    for end, word in (("-", "hyphen"), (".", "dot")):
        if name.startswith(end) or name.endswith(end):
            return f'hostname "{name}" cannot start or end with a {word}'
    if not set(name) <= _DOTTED:
        return (
            f'hostname "{name}" contains invalid characters, '
            "only lowercase letters, numbers, hyphens and dots are allowed"
        )
    return None


def _problem_since_29(name: str) -> str | None:
    reason = _label_reason(name)
    return None if reason is None else f'"{name}" is not a valid DNS label: {reason}'


def _label_reason(name: str) -> str | None:
    if not name:
        return "empty DNS label"
    if len(name.encode()) > _LONGEST:
        return f'"{name}" is too long, max length is {_LONGEST} bytes'
    outer = f'"{name}" is not a valid DNS label: '
    if name[0] not in _ANY_CASE:
        return outer + "must start with a letter or number"
    if name[-1] not in _ANY_CASE:
        return outer + "must end with a letter or number"
    bad = next((letter for letter in name if letter not in _ANY_CASE | {"-"}), None)
    return None if bad is None else f"{outer}contains invalid character '{bad}'"


def names_of_device(release: Release, hostname: str, taken: Collection[str]) -> tuple[str, str]:
    """This will be the name and the given name of a machine that joins under a host name.

    Raises NameTooLongError in 0.26.
    """
    if release.since(29):
        return hostname, _numbered(_sanitized(hostname), taken)
    if release.since(27):
        lower = hostname.lower()
        name = lower if _problem_27(lower) is None else f"invalid-{_random()}"
        return name, _suffixed(name, taken)
    stem = "".join(letter for letter in hostname.lower() if letter in _DOTTED)
    if len(stem) > _LONGEST:
        raise NameTooLongError(hostname)
    return hostname, _suffixed(stem, taken)


def _sanitized(hostname: str) -> str:
    kept = [
        letter if letter in _ANY_CASE | {"-"} else "-" if letter in " .@_" else ""
        for letter in hostname
    ]
    return "".join(kept).strip("-").lower()[:_LONGEST].rstrip("-") or "node"


def _numbered(stem: str, taken: Collection[str]) -> str:
    if stem not in taken:
        return stem
    number = 1
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def _suffixed(stem: str, taken: Collection[str]) -> str:
    return f"{stem[: _LONGEST - 9]}-{_random()}" if stem in taken else stem


def _random() -> str:
    letters = sorted(_LOWER)
    return "".join(letters[byte % len(letters)] for byte in os.urandom(8))
