"""Prepares the rows of a list as plain values for its template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from screens.data import Cell, Record, Source, Table, conditions, find_table, matching_rows

Link = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class ColumnView:
    key: str
    label: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class CellView:
    label: str
    text: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """One row; `href` is the page with this row chosen, for a list that publishes its choice."""

    name: str
    cells: tuple[CellView, ...]
    href: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class TableView:
    """A list as the page shows it."""

    state: Literal["ready", "waiting", "missing"]
    columns: tuple[ColumnView, ...] = ()
    rows: tuple[RowView, ...] = ()
    total: int = 0
    publishes: bool = False
    is_demo: bool = False


class ColumnSetting(Protocol):
    @property
    def key(self) -> str: ...

    @property
    def label(self) -> str: ...


class SelectionSetting(Protocol):
    @property
    def publish_key(self) -> str | None: ...

    @property
    def value_column(self) -> str: ...


class TableSettings(Protocol):
    """What a component must say in its settings to show rows."""

    @property
    def table_name(self) -> str | None: ...

    @property
    def columns(self) -> Sequence[ColumnSetting]: ...

    @property
    def data_source(self) -> Source: ...

    @property
    def selection(self) -> SelectionSetting: ...


def table_view(settings: TableSettings, published: Mapping[str, str], link: Link) -> TableView:
    """Build what a list shows for the values published on its screen."""
    table = find_table(settings.table_name)
    if table is None:
        return TableView("missing")
    wanted = conditions(settings.data_source, published)
    if wanted is None:
        return TableView("waiting", is_demo=table.is_demo)
    found = matching_rows(table, settings.data_source, wanted)
    columns = _columns(table, settings.columns)
    choice = _Choice(settings.selection, published, link)
    return TableView(
        "ready",
        columns=columns,
        rows=tuple(choice.row(one, columns) for one in found[: settings.data_source.limit]),
        total=len(found),
        publishes=settings.selection.publish_key is not None,
        is_demo=table.is_demo,
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    selection: SelectionSetting
    published: Mapping[str, str]
    link: Link

    def row(self, record: Record, columns: Sequence[ColumnView]) -> RowView:
        key, value = self.selection.publish_key, str(record.get(self.selection.value_column, ""))
        cells = tuple(_cell(column, record.get(column.key, "")) for column in columns)
        return RowView(
            name=cells[0].text if cells else value,
            cells=cells,
            href=self.link(key, value) if key else "",
            is_chosen=key is not None and self.published.get(key) == value,
        )


def _columns(table: Table, chosen: Sequence[ColumnSetting]) -> tuple[ColumnView, ...]:
    labels = {one.key: one.label or table.labels.get(one.key, one.key) for one in chosen}
    return tuple(
        ColumnView(key, label, _is_numeric(table, key))
        for key, label in (labels or table.labels).items()
    )


def _is_numeric(table: Table, key: str) -> bool:
    return all(type(row.get(key)) in (int, float) for row in table.rows)


def _cell(column: ColumnView, value: Cell) -> CellView:
    text = f"{value:,}" if column.is_number else str(value)
    return CellView(column.label, text, column.is_number)
