"""Rows of a table as a list; a row may be chosen and its value published to the screen."""
# ruff: noqa: INP001 -- a component folder is data of the registry, not a package

from typing import Annotated, Literal

from pydantic import Field

from screens.schema import (
    ComponentSettings,
    Definition,
    Name,
    OptionalName,
    SettingsPart,
    SortName,
    StrictModel,
    Text,
    Where,
)


class Column(StrictModel):
    key: Name
    label: Text = ""


class DataSource(SettingsPart):
    limit: Annotated[int, Field(ge=1, le=200)] = 50
    where: Where = Field(default_factory=dict)
    order_by: Annotated[list[SortName], Field(max_length=5)] = Field(default_factory=list)


class Selection(SettingsPart):
    publish_key: OptionalName = None
    value_column: Name = "id"


class TableListSettings(ComponentSettings):
    title: Text = ""
    table_name: OptionalName = None
    columns: Annotated[list[Column], Field(max_length=50)] = Field(default_factory=list)
    data_source: DataSource = Field(default_factory=DataSource)
    selection: Selection = Field(default_factory=Selection)
    density: Literal["compact", "comfortable"] = "compact"
    show_count: bool = True


DEFINITION = Definition(version=1, settings=TableListSettings, reads_table=True)
