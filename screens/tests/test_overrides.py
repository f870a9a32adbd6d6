"""The laws of merge and diff, by examples of the trade and by random settings."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screens.overrides import (
    SLOT,
    Json,
    JsonObject,
    Path,
    Struct,
    diff,
    merge,
    paths,
    pointer,
    same,
    split_unknown,
)

FLAT = Struct({"splitRatio": None, "resizable": None, "minSize": None, "tableName": None})
SPLIT_DEFAULTS: JsonObject = {"splitRatio": 30, "resizable": True, "minSize": 100}
DEEP = Struct(
    {"title": None, "dataSource": Struct({"limit": None, "where": None, "orderBy": None})}
)
DEEP_DEFAULTS: JsonObject = {
    "title": "",
    "dataSource": {"limit": 50, "where": {"status": "OPEN"}, "orderBy": ["id"]},
}

# A busy machine is slow at drawing examples; that says nothing about the laws.
patiently = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-2, 2) | st.text(max_size=3)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=5,
)
structs: st.SearchStrategy[Struct] = st.recursive(
    st.builds(Struct, st.dictionaries(st.sampled_from("abcde"), st.none(), max_size=4)),
    lambda inner: st.builds(
        Struct, st.dictionaries(st.sampled_from("abcde"), st.none() | inner, max_size=4)
    ),
    max_leaves=6,
)


@st.composite
def objects(draw: st.DrawFn, struct: Struct, *, complete: bool) -> JsonObject:
    made: JsonObject = {}
    for key, inner in struct.fields.items():
        if complete or draw(st.booleans()):
            made[key] = draw(values) if inner is None else draw(objects(inner, complete=complete))
    return made


@st.composite
def cases(draw: st.DrawFn, *, complete: bool) -> tuple[Struct, JsonObject, JsonObject]:
    """A struct, its defaults, and settings of that struct."""
    struct = draw(structs)
    defaults = draw(objects(struct, complete=True))
    return struct, defaults, draw(objects(struct, complete=complete))


def without(settings: JsonObject, path: Path) -> JsonObject:
    less: Any = deepcopy(settings)
    inner = less
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return less  # type: ignore[no-any-return]  # the copy of an object is one


def test_only_what_differs_is_kept() -> None:
    full: JsonObject = {
        "splitRatio": 50,
        "resizable": True,
        "minSize": 100,
        "tableName": "user_info",
    }

    assert diff(full, SPLIT_DEFAULTS, FLAT) == {"splitRatio": 50, "tableName": "user_info"}


def test_the_kept_difference_gives_the_whole_back() -> None:
    overrides: JsonObject = {"splitRatio": 50, "tableName": "user_info"}

    merged = merge(SPLIT_DEFAULTS, overrides, FLAT)

    assert merged == {
        "splitRatio": 50,
        "resizable": True,
        "minSize": 100,
        "tableName": "user_info",
    }


def test_a_struct_merges_field_by_field() -> None:
    merged = merge(DEEP_DEFAULTS, {"dataSource": {"limit": 5}}, DEEP)

    assert merged["dataSource"] == {"limit": 5, "where": {"status": "OPEN"}, "orderBy": ["id"]}


@pytest.mark.parametrize(
    ("field", "value"), [("where", {"owner": "me"}), ("where", {}), ("orderBy", [])]
)
def test_a_map_and_a_list_are_replaced_as_a_whole(field: str, value: Json) -> None:
    merged: Any = merge(DEEP_DEFAULTS, {"dataSource": {field: value}}, DEEP)

    assert merged["dataSource"][field] == value


@pytest.mark.parametrize("value", [0, "", False, None, [], {}])
def test_a_falsy_value_is_a_value(value: Json) -> None:
    defaults: JsonObject = {"tableName": "orders"}

    kept = diff({"tableName": value}, defaults, FLAT)

    assert kept == {"tableName": value}
    assert merge(defaults, kept, FLAT) == {"tableName": value}


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        (True, 1, False),
        (False, 0, False),
        (1, 1.0, True),
        ("1", 1, False),
        (None, False, False),
        ([True], [1], False),
        ([1, 2], [2, 1], False),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": None}, {}, False),
        ([], {}, False),
        ("", [], False),
        ("ab", ["a", "b"], False),
    ],
)
def test_equality_is_that_of_json(left: Json, right: Json, verdict: bool) -> None:
    assert same(left, right) is verdict
    assert same(right, left) is verdict


def test_a_switch_is_not_lost_against_a_number() -> None:
    assert diff({"resizable": 1}, {"resizable": True}, FLAT) == {"resizable": 1}


def test_a_pinned_value_is_kept_although_it_equals_the_default() -> None:
    kept = diff(SPLIT_DEFAULTS, SPLIT_DEFAULTS, FLAT, frozenset({("minSize",)}))

    assert kept == {"minSize": 100}


def test_a_pin_reaches_into_a_struct() -> None:
    pins = frozenset({("dataSource", "limit")})

    assert diff(DEEP_DEFAULTS, DEEP_DEFAULTS, DEEP, pins) == {"dataSource": {"limit": 50}}


@pytest.mark.parametrize("default", [{}, {SLOT: "left"}, {SLOT: "right"}])
def test_the_slot_is_neither_inherited_nor_dropped(default: JsonObject) -> None:
    assert diff({SLOT: "left"}, default, FLAT) == {SLOT: "left"}
    assert merge(default, {}, FLAT) == {}
    assert merge(default, {SLOT: "left"}, FLAT) == {SLOT: "left"}


def test_unknown_keys_are_parted_and_put_together_again() -> None:
    stored: JsonObject = {"title": "가", "future": 1, "dataSource": {"limit": 5, "cursor": "x"}}

    known, unknown = split_unknown(stored, DEEP)

    assert known == {"title": "가", "dataSource": {"limit": 5}}
    assert unknown == {"future": 1, "dataSource": {"cursor": "x"}}
    assert merge(known, unknown, DEEP) == stored


def test_nothing_is_shared_with_the_defaults() -> None:
    defaults = deepcopy(DEEP_DEFAULTS)

    merged: Any = merge(defaults, {}, DEEP)
    merged["dataSource"]["orderBy"].append("x")

    assert defaults == DEEP_DEFAULTS


def test_a_path_is_spelled_as_a_json_pointer() -> None:
    assert pointer(("a/b", "c~d", 0)) == "/a~1b/c~0d/0"


@patiently
@given(cases(complete=True))
def test_law_merging_the_difference_gives_the_whole(
    case: tuple[Struct, JsonObject, JsonObject],
) -> None:
    struct, defaults, full = case

    assert same(merge(defaults, diff(full, defaults, struct), struct), full)


@patiently
@given(cases(complete=False))
def test_law_a_partial_input_means_what_merging_it_means(
    case: tuple[Struct, JsonObject, JsonObject],
) -> None:
    struct, defaults, partial = case

    kept = diff(partial, defaults, struct)

    assert same(merge(defaults, kept, struct), merge(defaults, partial, struct))


@patiently
@given(cases(complete=True))
def test_law_no_kept_value_can_be_left_out(case: tuple[Struct, JsonObject, JsonObject]) -> None:
    struct, defaults, full = case

    kept = diff(full, defaults, struct)

    for path in paths(kept, struct):
        assert not same(merge(defaults, without(kept, path), struct), full)


@patiently
@given(cases(complete=False))
def test_law_merging_twice_changes_nothing(case: tuple[Struct, JsonObject, JsonObject]) -> None:
    struct, defaults, overrides = case

    merged = merge(defaults, overrides, struct)

    assert same(merge(merged, overrides, struct), merged)
    assert same(merge(defaults, merged, struct), merged)


@patiently
@given(cases(complete=False))
def test_law_a_difference_of_a_difference_is_itself(
    case: tuple[Struct, JsonObject, JsonObject],
) -> None:
    struct, defaults, partial = case

    kept = diff(partial, defaults, struct)

    assert same(diff(kept, defaults, struct), kept)


@patiently
@given(cases(complete=True), st.text(max_size=3))
def test_law_the_slot_goes_through_untouched(
    case: tuple[Struct, JsonObject, JsonObject], slot: str
) -> None:
    struct, defaults, full = case

    kept = diff(full | {SLOT: slot}, defaults, struct)

    assert kept[SLOT] == slot
    assert merge(defaults, kept, struct)[SLOT] == slot


@patiently
@given(cases(complete=True))
def test_law_every_pin_is_kept(case: tuple[Struct, JsonObject, JsonObject]) -> None:
    struct, defaults, full = case
    pins = frozenset(paths(full, struct))

    kept = diff(full, defaults, struct, pins)

    assert set(paths(kept, struct)) >= pins
    assert same(merge(defaults, kept, struct), full)
