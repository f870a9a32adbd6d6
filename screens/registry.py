"""Finds the component folders, checks them and answers for them. A URL is a key, never a path."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from screens.overrides import SLOT, JsonObject, Struct, paths
from screens.schema import ComponentSettings, Definition, Slot, nullable_parts, struct_of

URL_PREFIX = "@/lib/registry/components/"
FOLDER = Path(__file__).parent / "components"
LANGUAGES = ("ko", "en")
REQUIRED_FILES = ("template.html", "style.css", "README.md")
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


class RegistryError(Exception):
    """A component folder is not what it must be; the sentence names folder and fault."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A kind of component as its folder describes it."""

    name: str
    folder: Path
    definition: Definition
    defaults: JsonObject
    struct: Struct
    texts: Mapping[str, Mapping[str, Any]]
    template: str
    style: str
    digest: str

    @property
    def url(self) -> str:
        return URL_PREFIX + self.name

    @property
    def model(self) -> type[ComponentSettings]:
        return self.definition.settings

    def slot(self, key: str) -> Slot | None:
        """Return the declared slot of this key."""
        return next((slot for slot in self.definition.slots if slot.key == key), None)

    def text(self, language: str | None) -> Mapping[str, Any]:
        """Return the messages in a language, else in Korean."""
        return self.texts.get((language or "")[:2], self.texts["ko"])


@dataclass(frozen=True, slots=True)
class Registry:
    """All components by their URL; `digest` changes with any schema, default, template or style."""

    components: Mapping[str, Component]
    digest: str

    def find(self, component_url: str) -> Component | None:
        """Return the component of a stored URL, or None when this code does not have it."""
        return self.components.get(component_url)

    @property
    def styles(self) -> str:
        return "\n".join(component.style for component in self.components.values())


def registry() -> Registry:
    """Return the components of this installation; read once a process."""
    return _discovered(FOLDER)


def discover(folder: Path) -> Registry:
    """Read every component below a folder; raises RegistryError at the first fault."""
    found = [_component(path) for path in sorted(folder.iterdir()) if _is_component(path)]
    together = "".join(component.digest for component in found)
    return Registry({component.url: component for component in found}, _digest(together))


@cache
def _discovered(folder: Path) -> Registry:
    return discover(folder)


def _is_component(path: Path) -> bool:
    return path.is_dir() and not path.name.startswith(("_", "."))


def _component(folder: Path) -> Component:
    if not _NAME.fullmatch(folder.name):
        raise RegistryError(f"{folder.name}: a component's name is lower-case words with hyphens")
    files = {name: _read(folder, name) for name in REQUIRED_FILES}
    definition = _definition(folder)
    component = Component(
        name=folder.name,
        folder=folder,
        definition=definition,
        defaults=_defaults(folder, definition.settings),
        struct=struct_of(definition.settings),
        texts={language: _object(folder, f"locale/{language}.json") for language in LANGUAGES},
        template=files["template.html"],
        style=files["style.css"],
        digest=_digest(_canonical(definition.settings.model_json_schema()), *files.values()),
    )
    _check(component)
    return component


def _definition(folder: Path) -> Definition:
    definition = getattr(_module(folder), "DEFINITION", None)
    if not isinstance(definition, Definition):
        raise RegistryError(f"{folder.name}: schema.py has no DEFINITION")
    return definition


def _module(folder: Path) -> ModuleType:
    path = folder / "schema.py"
    name = f"screens_component_{_digest(str(path))[:12]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise RegistryError(f"{folder.name}: schema.py is missing")
    module = importlib.util.module_from_spec(spec)
    # pydantic resolves annotations through the table of modules.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _defaults(folder: Path, model: type[ComponentSettings]) -> JsonObject:
    try:
        settings = model.model_validate({})
    except ValueError as error:
        raise RegistryError(f"{folder.name}: every setting needs a default") from error
    # A default of the wrong type is found below, with a sentence instead of a warning.
    return settings.model_dump(mode="json", by_alias=True, exclude_none=True, warnings=False)


def _check(component: Component) -> None:
    fields = component.struct.fields
    if SLOT in fields or any(name.startswith("$") for name in fields):
        raise RegistryError(f"{component.name}: slot and $… are no names for settings")
    if nullable := next(nullable_parts(component.model), None):
        raise RegistryError(f"{component.name}: {nullable} needs a struct as its default")
    keys = [slot.key for slot in component.definition.slots]
    if len(keys) != len(set(keys)):
        raise RegistryError(f"{component.name}: two slots have one key")
    _check_defaults(component)
    _check_texts(component)


def _check_defaults(component: Component) -> None:
    try:
        component.model.model_validate(component.defaults)
    except ValueError as error:
        raise RegistryError(f"{component.name}: a default is refused by its schema") from error


def _check_texts(component: Component) -> None:
    fields = {".".join(path) for path in paths(_tree(component.struct), component.struct)}
    slots = {slot.key for slot in component.definition.slots}
    for language, text in component.texts.items():
        missing = {"title", "description", "fields", "slots", "words"} - text.keys()
        missing |= fields - text.get("fields", {}).keys()
        missing |= slots ^ text.get("slots", {}).keys()
        missing |= text.get("words", {}).keys() ^ component.texts["ko"].get("words", {}).keys()
        if missing:
            raise RegistryError(f"{component.name}: locale/{language}.json lacks {sorted(missing)}")


def _tree(struct: Struct) -> JsonObject:
    return {key: _tree(inner) if inner else None for key, inner in struct.fields.items()}


def _object(folder: Path, name: str) -> dict[str, Any]:
    try:
        value = json.loads(_read(folder, name))
    except ValueError as error:
        raise RegistryError(f"{folder.name}: {name} is not JSON") from error
    if not isinstance(value, dict):
        raise RegistryError(f"{folder.name}: {name} is not an object")
    return value


def _read(folder: Path, name: str) -> str:
    try:
        return (folder / name).read_text(encoding="utf-8")
    except OSError as error:
        raise RegistryError(f"{folder.name}: {name} is missing") from error


def _canonical(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
