"""Two panels side by side; it owns their layout only, what is inside are rows of their own."""
# ruff: noqa: INP001 -- a component folder is data of the registry, not a package

from typing import Annotated

from pydantic import Field

from screens.schema import (
    ComponentSettings,
    Definition,
    Number,
    OptionalName,
    OptionalNames,
    Slot,
)


class SplitPanelSettings(ComponentSettings):
    split_ratio: Annotated[Number, Field(ge=10, le=90)] = 30
    resizable: bool = True
    min_size: Annotated[int, Field(ge=0, le=999)] = 100
    table_name: OptionalName = None
    columns: OptionalNames = None


DEFINITION = Definition(
    version=1,
    settings=SplitPanelSettings,
    slots=(Slot("left"), Slot("right")),
)
