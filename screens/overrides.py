"""Merge and diff of component settings: a row holds only what differs from the code. No Django.

Three rules decide every case. An object with fixed fields (a struct) merges field by field; every
other value, lists and free maps and actions included, is replaced as a whole. Presence counts:
an absent key inherits, a present one overrides, `None` included. The slot is structure, not a
setting: it is never inherited and never dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from typing import TypeAlias, TypeGuard

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]
Path: TypeAlias = tuple[str, ...]

SLOT = "slot"
NO_PINS: frozenset[Path] = frozenset()


@dataclass(frozen=True, slots=True)
class Struct:
    """The fixed fields of an object; a field whose value is None is atomic."""

    fields: Mapping[str, Struct | None] = field(default_factory=dict)


def merge(
    defaults: Mapping[str, Json], overrides: Mapping[str, Json], struct: Struct
) -> JsonObject:
    """Lay overrides over defaults; the result shares nothing with either."""
    merged = _merge(_without_slot(defaults), _without_slot(overrides), struct)
    return _slot_of(overrides) | merged


def diff(
    full: Mapping[str, Json],
    defaults: Mapping[str, Json],
    struct: Struct,
    pins: frozenset[Path] = NO_PINS,
) -> JsonObject:
    """Keep of `full` only what differs from the defaults, and what is pinned.

    `full` may be partial: an absent key inherits. A pin names a path that is kept although its
    value equals the default; a pinned struct is kept whole.
    """
    kept = _diff(_without_slot(full), _without_slot(defaults), struct, pins)
    return _slot_of(full) | kept


def same(left: Json, right: Json) -> bool:
    """Say whether two values are the same JSON: True is not 1, 1 is 1.0, key order is nothing."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        return left.keys() == right.keys() and all(same(left[k], right[k]) for k in left)
    if _is_list(left) and _is_list(right):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return (type(left) is type(right) and left == right) or _are_equal_numbers(left, right)


def split_unknown(overrides: Mapping[str, Json], struct: Struct) -> tuple[JsonObject, JsonObject]:
    """Part overrides into those the struct knows and those it does not.

    The two never share a key path, so that `merge(known, unknown, struct)` puts them together.
    """
    return _split_unknown(_without_slot(overrides), struct)


def _split_unknown(overrides: Mapping[str, Json], struct: Struct) -> tuple[JsonObject, JsonObject]:
    known: JsonObject = {}
    unknown: JsonObject = {}
    for key, value in overrides.items():
        inner = struct.fields.get(key)
        if key not in struct.fields:
            unknown[key] = deepcopy(value)
        elif inner is not None and isinstance(value, Mapping):
            known[key], strange = _split_unknown(value, inner)
            if strange:
                unknown[key] = strange
        else:
            known[key] = deepcopy(value)
    return known, unknown


def paths(settings: Mapping[str, Json], struct: Struct) -> Iterator[Path]:
    """Give the path of every value that is replaced as a whole."""
    for key, value in settings.items():
        inner = struct.fields.get(key)
        if inner is not None and isinstance(value, Mapping):
            yield from ((key, *rest) for rest in paths(value, inner))
        else:
            yield (key,)


def pointer(path: Sequence[str | int]) -> str:
    """Spell a path as a JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def _merge(
    defaults: Mapping[str, Json], overrides: Mapping[str, Json], struct: Struct
) -> JsonObject:
    merged = deepcopy(dict(defaults))
    for key, value in overrides.items():
        inner, base = struct.fields.get(key), merged.get(key)
        if inner is not None and isinstance(base, Mapping) and isinstance(value, Mapping):
            merged[key] = _merge(base, value, inner)
        else:
            merged[key] = deepcopy(value)
    return merged


def _diff(
    full: Mapping[str, Json],
    defaults: Mapping[str, Json],
    struct: Struct,
    pins: frozenset[Path],
) -> JsonObject:
    kept: JsonObject = {}
    for key, value in full.items():
        inner, base = struct.fields.get(key), defaults.get(key)
        if key not in defaults or (key,) in pins:
            kept[key] = deepcopy(value)
        elif inner is not None and isinstance(base, Mapping) and isinstance(value, Mapping):
            below = frozenset(path[1:] for path in pins if path[:1] == (key,))
            if part := _diff(value, base, inner, below):
                kept[key] = part
        elif not same(value, base):
            kept[key] = deepcopy(value)
    return kept


def _without_slot(settings: Mapping[str, Json]) -> JsonObject:
    return {key: value for key, value in settings.items() if key != SLOT}


def _slot_of(settings: Mapping[str, Json]) -> JsonObject:
    return {SLOT: settings[SLOT]} if SLOT in settings else {}


def _is_list(value: Json) -> TypeGuard[Sequence[Json]]:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _are_equal_numbers(left: Json, right: Json) -> bool:
    return isinstance(left, int | float) and isinstance(right, int | float) and left == right
