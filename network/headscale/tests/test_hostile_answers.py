"""Whatever the engine says, only the four kinds of HeadscaleError come out of the client."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from network.headscale import commands
from network.headscale.client import interpret
from network.headscale.commands import VERBS
from network.headscale.errors import (
    HeadscaleError,
    RejectedError,
    TimedOutError,
    UnreachableError,
    UnreadableError,
)
from network.headscale.grammar import Verb
from network.headscale.process import Completed
from network.headscale.tests.replaying import answered
from tests.contract.recorded import RECORDINGS, RELEASES, cases

SAMPLES = (
    ("version", "version-json-global-first"),
    ("nodes list", "nodes/list"),
    ("nodes rename", "nodes/rename"),
    ("nodes delete", "nodes/delete"),
    ("users list", "users/list"),
    ("users create", "users/create"),
    ("preauthkeys list", "preauthkeys/list"),
    ("preauthkeys create", "preauthkeys/create-tags"),
    ("preauthkeys expire", "preauthkeys/expire"),
)
# Stands for a number of 5,001 digits, which Python neither writes nor reads.
HUGE = 987_654_321_987_654_321
KINDS = {UnreachableError, RejectedError, TimedOutError, UnreadableError}
HOSTILE: list[Any] = [
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, HUGE, -(10**300), 1.5, 1e308),
    *(float("nan"), float("inf"), "", "0", "-1", "１", "a" * 100_000, "a\0b", "\ud800", "\udfff\0"),
    *("9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00Z"),
    *("2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", [], [[]], [None], ["\0"]),
    *({}, {"seconds": 2**62}, {"seconds": "1"}, {"seconds": 253402300799}, {"nanos": 10**40}),
    *({"id": 0}, {"id": "x"}, {"id": 5, "name": "\ud800\0"}, {"seconds": -62135596801}),
]
SEOUL = timezone(timedelta(hours=9))


def verb_named(name: str) -> Verb:
    return next(verb for verb in VERBS if verb.name == name)


def recorded(release: str, name: str) -> bytes:
    return next(case.stdout for case in cases(release) if case.name == name).encode()


def interpreted(verb: Verb, completed: Completed) -> object:
    """The value, or the kind of error; anything else escapes, and what is kept can be stored."""
    try:
        value = interpret(verb, completed)
    except HeadscaleError as error:
        failure = error
    else:
        assert_storable(value)
        return value
    assert type(failure) in KINDS
    assert_storable(failure.engine)
    assert_storable(str(failure))
    return type(failure)


def is_value_or_unreadable(outcome: object) -> bool:
    """An answer with exit 0 is the verb's value or unreadable; no other kind of failure."""
    return not isinstance(outcome, type) or outcome is UnreadableError


def assert_storable(value: object) -> None:
    """What PostgreSQL takes: no NUL, no lone surrogate, 64 bits, times that any zone can show."""
    if isinstance(value, str):
        assert "\0" not in value
        value.encode("utf-8")
    elif isinstance(value, datetime):
        value.astimezone(SEOUL).astimezone(timezone(-timedelta(hours=12)))
    elif isinstance(value, int):
        assert -(2**63) <= value < 2**63
    elif isinstance(value, tuple):
        for element in value:
            assert_storable(element)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            assert_storable(getattr(value, field.name))


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(("name", "case"), SAMPLES)
def test_an_answer_cut_anywhere_is_never_taken_for_another(
    release: str, name: str, case: str
) -> None:
    whole = recorded(release, case)
    verb = verb_named(name)
    value = interpreted(verb, answered(whole))

    for end in range(len(whole.rstrip())):
        assert interpreted(verb, answered(whole[:end])) is UnreadableError, whole[:end]

    assert not isinstance(value, type)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, element in items:
        found += _paths(element, (*path, key))
    return found


def _replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    copy = value.copy()
    copy[path[0]] = _replaced(value[path[0]], path[1:], by)
    return copy


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(("name", "case"), SAMPLES)
def test_any_part_may_be_replaced_by_anything(release: str, name: str, case: str) -> None:
    value = json.loads(recorded(release, case))
    short = value[:2] if isinstance(value, list) else value

    for path in _paths(short):
        for hostile in HOSTILE:
            text = _dumped(_replaced(short, path, hostile))
            assert is_value_or_unreadable(interpreted(verb_named(name), answered(text))), text


def _dumped(value: Any) -> bytes:
    return json.dumps(value).replace(str(HUGE), "1" + "0" * 5000).encode()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(HOSTILE),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["id", "name", "user", "seconds", "machine_key"]), inner)
    ),
    max_leaves=12,
)


@given(value=json_values, verb=st.sampled_from(VERBS))
def test_any_json_is_an_answer_or_unreadable(value: Any, verb: Verb) -> None:
    assert is_value_or_unreadable(interpreted(verb, answered(_dumped(value))))


@given(stdout=st.binary(max_size=300), verb=st.sampled_from(VERBS))
@example(stdout=b"\x00\xff{", verb=commands.LIST_NODES)
@example(stdout=b"\xef\xbb\xbf[]", verb=commands.LIST_NODES)
@example(stdout=b'{"level":"info","message":"x"}\n', verb=commands.LIST_NODES)
def test_any_bytes_are_an_answer_or_unreadable(stdout: bytes, verb: Verb) -> None:
    assert is_value_or_unreadable(interpreted(verb, answered(stdout)))


@pytest.mark.parametrize("deep", [b"[" * 10_000, b'{"a":' * 10_000, b"[" * 10_000 + b"]" * 10_000])
@pytest.mark.parametrize("verb", [commands.LIST_NODES, commands.RENAME_NODE, commands.VERSION])
def test_deep_nesting_is_unreadable(deep: bytes, verb: Verb) -> None:
    assert interpreted(verb, answered(deep)) is UnreadableError
    assert interpreted(verb, answered(b'{"level":1,"message":1}\n' + deep)) is UnreadableError


def test_a_field_nested_deep_is_unreadable() -> None:
    text = (RECORDINGS / "0.29.2" / "nodes-with-real-clients.json").read_text("utf-8")
    deep = text.replace('"pc-a"', "[" * 900 + "]" * 900, 1)

    assert interpreted(commands.LIST_NODES, answered(deep)) is UnreadableError


@given(
    stderr=st.binary(max_size=200)
    | json_values.map(lambda value: _dumped({"error": value}))
    | json_values.map(_dumped),
    exit_status=st.sampled_from([1, 2, 125, 127, 255, -9, -15]),
    verb=st.sampled_from(VERBS),
)
@example(stderr=b'{"error":"a\\u0000b\\ud800"}', exit_status=1, verb=commands.LIST_NODES)
@example(stderr=b"a\x00b", exit_status=1, verb=commands.LIST_NODES)
def test_any_words_of_a_failure_are_one_of_the_four(
    stderr: bytes, exit_status: int, verb: Verb
) -> None:
    outcome = interpreted(verb, answered(exit_status=exit_status, stderr=stderr))

    assert outcome in KINDS


@pytest.mark.parametrize("verb", VERBS)
def test_a_failed_call_is_a_failure_whatever_it_printed(verb: Verb) -> None:
    assert interpreted(verb, answered(b"[]", exit_status=1, stderr=b"no")) is RejectedError
    assert interpreted(verb, answered(b"{}", exit_status=1)) in (TimedOutError, UnreachableError)
