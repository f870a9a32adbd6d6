"""HuJSON: JSON with comments and trailing commas. Reads only; the text itself is never rewritten.

Stricter than the engine where the two could understand different things: no name twice in one
object, no NUL, no half of a surrogate pair, limits of size and depth. Source: RFC 8259 and the
description of HuJSON.
"""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from network.headscale.features import gettext_noop
from network.policy.sayings import PolicyError, Saying

MAX_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 32
MAX_VALUES = 200_000
SHOWN_LETTERS = 60

_SKIPPED = re.compile(r"(?:[ \t\r\n]+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_STRING_SO_FAR = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*')
_WORD = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD_GOES_ON = re.compile(r"[0-9A-Za-z_.+-]")
SURROGATE = re.compile("[\ud800-\udfff]")
_CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "null": None}

_SENTENCES = {
    "too_large": gettext_noop("정책이 너무 깁니다. %(limit)d바이트까지 받습니다."),
    "nul": gettext_noop("정책에 NUL 문자가 있습니다."),
    "not_text": gettext_noop("정책에 글자가 아닌 것이 있습니다."),
    "too_deep": gettext_noop("정책의 괄호가 %(limit)d겹보다 깊습니다."),
    "too_many_values": gettext_noop("정책의 값이 %(limit)d개보다 많습니다."),
    "unexpected_end": gettext_noop("정책이 도중에 끝났습니다. 닫지 않은 괄호나 따옴표가 있습니다."),
    "unexpected_character": gettext_noop("여기에 올 수 없는 글자입니다: %(found)s"),
    "bad_string": gettext_noop("따옴표 안의 글이 올바르지 않습니다."),
    "duplicate_name": gettext_noop("같은 이름이 두 번 있습니다: %(name)s"),
}


class Number(NamedTuple):
    """A number as it is written; nothing in a policy is reckoned with."""

    text: str


class Item(NamedTuple):
    """A value and where it begins, in characters from 0."""

    value: dict[str, Item] | list[Item] | str | bool | Number | None
    at: int


def refusal(text: str, at: int, saying: Saying) -> PolicyError:
    """Return the error that names a place of the text by line and column, both from 1."""
    line = text.count("\n", 0, at) + 1
    return PolicyError(saying, line=line, column=at - text.rfind("\n", 0, at))


def shown(text: str) -> str:
    """Return a foreign text short enough for a sentence."""
    return text if len(text) <= SHOWN_LETTERS else text[: SHOWN_LETTERS - 1] + "…"


def read(text: str) -> Item | None:
    """Return the one value of a text; None when there is nothing but space and comments.

    Raises PolicyError with the place of the first thing that is wrong.
    """
    _refuse_unusual(text)
    return _Reader(text).whole()


def _refuse_unusual(text: str) -> None:
    halves = SURROGATE.search(text)
    if halves:
        raise refusal(text, halves.start(), _saying("not_text"))
    if "\0" in text:
        raise refusal(text, text.index("\0"), _saying("nul"))
    if len(text) > MAX_BYTES or len(text.encode()) > MAX_BYTES:
        raise PolicyError(_saying("too_large", limit=MAX_BYTES))


def _saying(code: str, **values: str | int) -> Saying:
    return Saying(code, _SENTENCES[code], values)


class _Reader:
    """One pass over one text; `_at` is the next character that was not read."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._values = text, 0, 0

    def whole(self) -> Item | None:
        if self._next() == "":
            return None
        item = self._item(1)
        if self._next() != "":
            raise self._unexpected()
        return item

    def _next(self) -> str:
        """Go past space and comments; return the character there, empty at the end."""
        found = _SKIPPED.match(self._text, self._at)
        assert found is not None
        self._at = found.end()
        return self._text[self._at : self._at + 1]

    def _item(self, depth: int) -> Item:
        self._values += 1
        if self._values > MAX_VALUES:
            raise self._refused("too_many_values", limit=MAX_VALUES)
        if depth > MAX_DEPTH:
            raise self._refused("too_deep", limit=MAX_DEPTH)
        character, at = self._next(), self._at
        if character == "{":
            return Item(self._object(depth), at)
        if character == "[":
            return Item(self._array(depth), at)
        return Item(self._string() if character == '"' else self._word(), at)

    def _object(self, depth: int) -> dict[str, Item]:
        members: dict[str, Item] = {}
        self._at += 1
        while self._next() != "}":
            if self._text[self._at : self._at + 1] != '"':
                raise self._unexpected()
            at, name = self._at, self._string()
            if name in members:
                self._at = at
                raise self._refused("duplicate_name", name=shown(name))
            if self._next() != ":":
                raise self._unexpected()
            self._at += 1
            members[name] = self._item(depth + 1)
            self._comma("}")
        self._at += 1
        return members

    def _array(self, depth: int) -> list[Item]:
        elements: list[Item] = []
        self._at += 1
        while self._next() != "]":
            elements.append(self._item(depth + 1))
            self._comma("]")
        self._at += 1
        return elements

    def _comma(self, closing: str) -> None:
        character = self._next()
        if character == ",":
            self._at += 1
        elif character != closing:
            raise self._unexpected()

    def _string(self) -> str:
        found = _STRING.match(self._text, self._at)
        if found is None:
            return self._broken_string()
        value: str = json.loads(found[0])
        if SURROGATE.search(value):
            raise self._refused("bad_string")
        self._at = found.end()
        return value

    def _broken_string(self) -> str:
        so_far = _STRING_SO_FAR.match(self._text, self._at)
        self._at = so_far.end() if so_far else self._at
        if self._at == len(self._text):
            raise self._refused("unexpected_end")
        raise self._refused("bad_string")

    def _word(self) -> bool | Number | None:
        found = _WORD.match(self._text, self._at)
        if found is None or _WORD_GOES_ON.match(self._text, found.end()):
            raise self._unexpected()
        self._at = found.end()
        return _CONSTANTS[found[0]] if found[0] in _CONSTANTS else Number(found[0])

    def _unexpected(self) -> PolicyError:
        character = self._text[self._at : self._at + 1]
        if not character:
            return self._refused("unexpected_end")
        return self._refused("unexpected_character", found=character)

    def _refused(self, code: str, **values: str | int) -> PolicyError:
        return refusal(self._text, self._at, _saying(code, **values))
