"""HuJSON is read as it is written, and whatever is wrong has a place."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.policy import hujson
from network.policy.hujson import Item, Number
from network.policy.sayings import PolicyError
from network.policy.tests.networks import refusal_of

VALUES = st.recursive(
    st.none() | st.booleans() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text('abcé/*"\\', max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)
# A reader that looks back from each place takes minutes.
DEADLINE_S = 20
SPACES = st.sampled_from(["", " ", "\n", "\t", '// ]} "말\n', "/* , \n */", "/**/"])


def plain(item: Item | None) -> Any:
    """The value without its places."""
    value = item.value if item is not None else None
    if isinstance(value, dict):
        return {name: plain(member) for name, member in value.items()}
    if isinstance(value, list):
        return [plain(element) for element in value]
    return float(value.text) if isinstance(value, Number) else value


@st.composite
def dressed(draw: st.DrawFn, value: Any = None, depth: int = 0) -> tuple[Any, str]:
    """A value, and a text of it with comments and trailing commas."""
    value = draw(VALUES) if depth == 0 else value
    space, comma = draw(SPACES), draw(st.sampled_from(["", ","]))
    if isinstance(value, dict) and value:
        members = [
            f"{draw(SPACES)}{json.dumps(name)}{draw(SPACES)}:{draw(dressed(one, 1))[1]}"
            for name, one in value.items()
        ]
        return value, f"{space}{{{','.join(members)}{comma}{draw(SPACES)}}}{space}"
    if isinstance(value, list) and value:
        elements = [draw(dressed(one, 1))[1] for one in value]
        return value, f"{space}[{','.join(elements)}{comma}{draw(SPACES)}]{space}"
    return value, f"{space}{json.dumps(value, ensure_ascii=draw(st.booleans()))}{draw(SPACES)}"


@given(dressed())
def test_comments_and_trailing_commas_change_nothing(pair: tuple[Any, str]) -> None:
    value, text = pair

    assert plain(hujson.read(text)) == value


@given(dressed(), st.data())
def test_a_text_cut_anywhere_is_read_or_refused_with_a_place(
    pair: tuple[Any, str], data: st.DataObject
) -> None:
    text = pair[1][: data.draw(st.integers(0, len(pair[1])))]

    error = refusal_of(lambda: hujson.read(text))

    assert error is None or 1 <= error.line <= text.count("\n") + 1
    assert error is None or error.column >= 1


@given(st.text(st.sampled_from('{}[]",:/*\\\n 0-1.eEtrufalsn"말\0\ud800'), max_size=40))
def test_no_other_error_ever_leaves(text: str) -> None:
    error = refusal_of(lambda: hujson.read(text))

    assert error is None or (error.code and "%(" not in str(error))


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ('{"acls": [', "unexpected_end", 1, 11),
        ('{\n  "acls": [}', "unexpected_character", 2, 12),
        ("{'a': 1}", "unexpected_character", 1, 2),
        ("{} {}", "unexpected_character", 1, 4),
        ('{"a" 1}', "unexpected_character", 1, 6),
        ('{"a": 1 "b": 2}', "unexpected_character", 1, 9),
        ("{,}", "unexpected_character", 1, 2),
        ("[1,,2]", "unexpected_character", 1, 4),
        ("01", "unexpected_character", 1, 1),
        ("nulll", "unexpected_character", 1, 1),
        ("{} /* open", "unexpected_character", 1, 4),
        ("\ufeff{}", "unexpected_character", 1, 1),
        ('"한글', "unexpected_end", 1, 4),
        ('"a\nb"', "bad_string", 1, 3),
        (r'"\x"', "bad_string", 1, 2),
        (r'"\ud800"', "bad_string", 1, 1),
        ('{"a": 1,\n "a": 2}', "duplicate_name", 2, 2),
        ('{"a": "\0"}', "nul", 1, 8),
        ("{}\ud800", "not_text", 1, 3),
        ("[" * 33, "too_deep", 1, 33),
    ],
)
def test_what_is_wrong_has_a_code_and_a_place(text: str, code: str, line: int, column: int) -> None:
    with pytest.raises(PolicyError) as caught:
        hujson.read(text)

    assert (caught.value.code, caught.value.line, caught.value.column) == (code, line, column)


@pytest.mark.parametrize("text", ["", " \n", "// 없음", "/* 없음 */\n"])
def test_nothing_but_space_is_nothing(text: str) -> None:
    assert hujson.read(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "[" * 500_000,
        "[" + "1," * 300_000 + "]",
        "/*" * 500_000,
        "//" + "x" * 1_900_000,
        '{"' + "a" * 1_900_000,
        '"' + "\\n" * 900_000 + '"',
        "-" * 1_000_000,
        "1" * 1_900_000,
        "x" * 3_000_000,
    ],
)
def test_a_bomb_is_over_before_anybody_gives_up(text: str) -> None:
    started = time.process_time()

    error = refusal_of(lambda: hujson.read(text))

    assert time.process_time() - started < DEADLINE_S
    assert error is None or len(str(error)) < 200
