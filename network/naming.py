"""Pure: names for machines that every release takes, from what is known of a machine."""

from __future__ import annotations

import re
from collections.abc import Collection

_WORDS = re.compile(r"[a-z0-9]+")
_NUMBERED = re.compile(r"(.*?)-?([0-9]*)")
_LIMIT = 63
_ROOM_FOR_A_NUMBER = 8
_LEAST = 2
# What a release makes of a name that it cannot take: no word of anybody's.
_INVENTED = re.compile(r"(invalid|node)-[a-z0-9]{8}")


def free_name(name: str, taken: Collection[str]) -> str:
    """Return the name with the next number that nobody has: counter-1 → counter-2."""
    stem, number = numbered(name)
    while True:
        number += 1
        candidate = f"{stem}-{number}"
        if candidate not in taken:
            return candidate


def numbered(name: str) -> tuple[str, int]:
    """Part a name into a stem, short enough for any number, and its number (1 without one)."""
    matched = _NUMBERED.fullmatch(name)
    assert matched is not None
    stem, digits = (matched[1], matched[2][:6]) if matched[1] else (name, "")
    return stem[: _LIMIT - _ROOM_FOR_A_NUMBER], int(digits or 1)


def first_free(stem: str, taken: Collection[str]) -> str:
    """Return the stem with the lowest number, from 1, that nobody has."""
    first = f"{stem}-1"
    return free_name(first, taken) if first in taken else first


def is_numbered(name: str, stem: str) -> bool:
    """Say whether a name is a stem and a number: such a name needs no suggestion."""
    head, _hyphen, number = name.rpartition("-")
    return head == stem and number.isascii() and number.isdigit()


def name_stem(*, pharmacy_id: int | None, role: str, hostname: str) -> str:
    """Return what a suggested name is before its number, such as `p0001-counter`.

    `role` is a code of MachineRole or empty; `hostname` is the device's own text, of which only
    Latin letters and digits are kept, so that a Korean name leaves nothing and becomes `pc`.
    """
    place = f"p{pharmacy_id:04d}" if pharmacy_id is not None else ""
    stem = "-".join(part for part in (place, _what(role, hostname, place)) if part)
    return stem[: _LIMIT - _ROOM_FOR_A_NUMBER].strip("-")


def _what(role: str, hostname: str, place: str) -> str:
    if role:
        return role.lower()
    told = "-".join(_WORDS.findall(hostname.lower()))
    if place:  # A device that was named by these rules tells its place itself.
        told = told.removeprefix(place).removeprefix("-")
    word = "" if _INVENTED.fullmatch(told) else told
    stem = numbered(word)[0].strip("-")
    return stem if len(stem) >= _LEAST else "pc"
