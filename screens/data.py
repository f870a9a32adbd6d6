"""The rows that components show. A table's name is a key of a catalogue, never an SQL name.

The catalogue holds demonstration tables only, and every list that shows one says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol, TypeAlias

from screens.schema import FromContext

Cell: TypeAlias = bool | int | float | str
Record: TypeAlias = Mapping[str, Cell]

DEMO_TABLES = Path(__file__).parent / "demo_tables.json"


@dataclass(frozen=True, slots=True)
class Table:
    """A named set of rows with a label for each column."""

    labels: Mapping[str, str]
    rows: tuple[Record, ...]
    is_demo: bool


class Source(Protocol):
    """Which rows of a table are wanted, in which order and how many."""

    @property
    def limit(self) -> int: ...

    @property
    def where(self) -> Mapping[str, Cell | FromContext]: ...

    @property
    def order_by(self) -> Sequence[str]: ...


def find_table(name: str | None) -> Table | None:
    """Return the table of a name, or None when nobody has connected one."""
    return _tables().get(name) if name else None


def conditions(source: Source, published: Mapping[str, str]) -> dict[str, Cell] | None:
    """Return the conditions with published values filled in; None while one of them is missing.

    A list that waits must not read at all: without its filter it would show every row.
    """
    filled: dict[str, Cell] = {}
    for column, value in source.where.items():
        if not isinstance(value, FromContext):
            filled[column] = value
        elif value.from_context in published:
            filled[column] = published[value.from_context]
        else:
            return None
    return filled


def matching_rows(table: Table, source: Source, wanted: Mapping[str, Cell]) -> list[Record]:
    """Return the ordered rows that meet all conditions; a missing column meets none."""
    rows = [row for row in table.rows if all(_meets(row, *one) for one in wanted.items())]
    for name in reversed(source.order_by):
        column = name.removeprefix("-")
        if column in table.labels:
            rows.sort(key=lambda row: _sort_key(row.get(column)), reverse=name.startswith("-"))
    return rows


def _meets(row: Record, column: str, wanted: Cell) -> bool:
    return column in row and str(row[column]) == str(wanted)


def _sort_key(value: Cell | None) -> tuple[bool, float, str]:
    if isinstance(value, int | float):
        return (True, float(value), "")
    return (False, 0.0, str(value))


@cache
def _tables() -> dict[str, Table]:
    stored = json.loads(DEMO_TABLES.read_text(encoding="utf-8"))
    return {
        name: Table(labels=one["labels"], rows=tuple(one["rows"]), is_demo=one["is_demo"])
        for name, one in stored.items()
    }
