"""Sentences with places for values, and the one error of this package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int


@dataclass(frozen=True, slots=True)
class Saying:
    """A marked Korean sentence, its code, and what stands in its places.

    Whoever shows it translates `sentence` first and fills in `values` afterwards; `text` is the
    Korean as it is.
    """

    code: str
    sentence: str
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence in Korean with its values."""
        return self.sentence % self.values


class PolicyError(ValueError):
    """A policy cannot be read, made or allowed; the only exception that leaves this package.

    `line` and `column` count characters from 1; both are 0 where no place can be named.
    """

    def __init__(self, saying: Saying, *, line: int = 0, column: int = 0) -> None:
        self.saying = saying
        self.code, self.sentence, self.values = saying.code, saying.sentence, saying.values
        self.line, self.column = line, column
        place = f"{line}:{column}: " if line else ""
        super().__init__(f"{place}{saying.text}")
