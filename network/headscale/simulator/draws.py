"""Numbers that look random and are a pure function of what is drawn for.

The standard generators cost more to import than the whole fleet costs to compute.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_MASK = (1 << 64) - 1
_SPREAD = 0xD1B54A32D192ED03_8CB92BA72F3D8DD7_9FB21C651E98DF25_C2B2AE3D27D4EB4F_165667B19E3779F9

Item = TypeVar("Item")


def draw(*parts: int) -> int:
    """This will mix whole numbers into one of 64 bits, the same for the same numbers."""
    value = 0x9E3779B97F4A7C15
    for part in parts:
        value = (value ^ (part & _MASK)) * 0xBF58476D1CE4E5B9 & _MASK
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB & _MASK
        value ^= value >> 31
    return value


def chance(share: float, *parts: int) -> bool:
    """This will be true for that share of all draws."""
    return draw(*parts) < share * (_MASK + 1)


def between(low: int, high: int, *parts: int) -> int:
    """This will be a whole number from `low` to `high`, both included."""
    return low + draw(*parts) % (high - low + 1)


def pick(items: Sequence[Item], *parts: int) -> Item:
    """This will be one of the items."""
    return items[draw(*parts) % len(items)]


def hexadecimal(digits: int, *parts: int) -> str:
    """This will be that many hexadecimal digits. Only 64 bits of them are chance."""
    return f"{draw(*parts) * _SPREAD >> 64:064x}"[-digits:]
