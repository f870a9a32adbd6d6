"""A button: its words, its colour by token, and the data of what it does."""
# ruff: noqa: INP001 -- a component folder is data of the registry, not a package

from typing import Annotated, Literal

from pydantic import StringConstraints

from screens.actions import OptionalAction
from screens.schema import ComponentSettings, Definition


class ButtonSettings(ComponentSettings):
    text: Annotated[str, StringConstraints(min_length=1, max_length=40)] = "확인"
    variant: Literal["primary", "secondary", "danger"] = "primary"
    color_variant: Literal["primary", "blue", "red"] = "primary"
    action: OptionalAction = None


DEFINITION = Definition(version=1, settings=ButtonSettings)
