"""The vocabulary in which a component describes its settings and slots. No Django.

Settings are strict pydantic models with camelCase keys. A field without a default of its own is
declared with None: absent is its normal state, and null is refused when it is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, TypeGuard, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel

from screens.overrides import Struct

MAX_DEPTH = 12
MAX_CHARACTERS = 16_384
MAX_NUMBER = 2**53


class StrictModel(BaseModel):
    """An object that is replaced as a whole: a list's item, an action."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        alias_generator=to_camel,
    )


class SettingsPart(StrictModel):
    """An object with fixed fields inside of settings; it merges field by field."""


class ComponentSettings(SettingsPart):
    """All settings of a component, with the defaults that every screen inherits."""


ValueT = TypeVar("ValueT")


def given(value: ValueT | None) -> ValueT:
    if value is None:
        raise ValueError("null is not a value here")
    return value


Text = Annotated[str, StringConstraints(max_length=200)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,62}$")]
SortName = Annotated[str, StringConstraints(pattern=r"^-?[A-Za-z_][A-Za-z0-9_]{0,62}$")]
Key = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,50}$")]
Number = int | float
Scalar = bool | int | float | Text
OptionalText = Annotated[Text | None, AfterValidator(given)]
OptionalName = Annotated[Name | None, AfterValidator(given)]
OptionalNames = Annotated[list[Name] | None, AfterValidator(given)]


class FromContext(StrictModel):
    """A value that another component of the same screen publishes."""

    from_context: Name


Condition = Scalar | FromContext
Where = Annotated[dict[Name, Condition], Field(max_length=20)]


@dataclass(frozen=True, slots=True)
class Slot:
    """A named place for children of a container."""

    key: str
    max_children: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What a component's `schema.py` says about it."""

    version: int
    settings: type[ComponentSettings]
    slots: tuple[Slot, ...] = ()
    reads_table: bool = False


def struct_of(model: type[SettingsPart]) -> Struct:
    """Return the shape in which settings of this model merge."""
    return Struct(
        {alias_of(model, name): _inner_struct(model, name) for name in model.model_fields}
    )


def alias_of(model: type[StrictModel], name: str) -> str:
    return model.model_fields[name].alias or name


def nullable_parts(model: type[SettingsPart]) -> Iterator[str]:
    """Give the fields whose struct may be absent: its defaults would be frozen into rows."""
    for name, field in model.model_fields.items():
        if any(_is_part(choice) for choice in get_args(field.annotation)):
            yield alias_of(model, name)


def unstorable(value: Any, depth: int = 1) -> str | None:
    """Name what keeps a JSON value from being stored on every database, or return None.

    The codes are `depth`, `number`, `text` (PostgreSQL stores no NUL, no encoding a lone surrogate)
    and `key`.
    """
    if depth > MAX_DEPTH:
        return "depth"
    if isinstance(value, dict):
        if not all(isinstance(key, str) and _is_clean(key) for key in value):
            return "key"
        return _first(unstorable(inner, depth + 1) for inner in value.values())
    if isinstance(value, list):
        return _first(unstorable(inner, depth + 1) for inner in value)
    return _unstorable_scalar(value)


def _unstorable_scalar(value: Any) -> str | None:
    if isinstance(value, str):
        return None if _is_clean(value) else "text"
    if isinstance(value, int | float) and not abs(value) <= MAX_NUMBER:
        return "number"
    return None


def _is_clean(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def _first(found: Iterator[str | None]) -> str | None:
    return next((code for code in found if code), None)


def _inner_struct(model: type[SettingsPart], name: str) -> Struct | None:
    annotation = model.model_fields[name].annotation
    return struct_of(annotation) if _is_part(annotation) else None


def _is_part(annotation: Any) -> TypeGuard[type[SettingsPart]]:
    return isinstance(annotation, type) and issubclass(annotation, SettingsPart)
