"""The registry finds the component folders, refuses faulty ones and never opens a path by URL."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from screens.registry import FOLDER, Component, RegistryError, discover, registry
from screens.tests.folders import copied_components, replace_in, set_default_limit

NAMES = ("button-primary", "split-panel-layout", "table-list")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return copied_components(tmp_path)


def component(name: str) -> Component:
    found = registry().find(f"@/lib/registry/components/{name}")
    assert found is not None
    return found


def test_every_folder_is_found_under_its_url() -> None:
    found = registry().components

    assert sorted(found) == [f"@/lib/registry/components/{name}" for name in NAMES]


def test_the_defaults_of_the_split_panel_are_those_of_its_schema() -> None:
    defaults = component("split-panel-layout").defaults

    assert defaults == {"splitRatio": 30, "resizable": True, "minSize": 100}


@pytest.mark.parametrize(
    "url",
    [
        "",
        "table-list",
        "@/lib/registry/components/card-display",
        "@/lib/registry/components/../components/table-list",
        "@/lib/registry/components/table-list/",
        "screens.components.table-list.schema",
        "/etc/passwd",
    ],
)
def test_an_unknown_url_is_nothing_and_opens_nothing(url: str) -> None:
    assert registry().find(url) is None


@pytest.mark.parametrize("name", NAMES)
def test_every_stored_sample_is_still_readable(name: str) -> None:
    model = component(name).model
    samples = sorted((FOLDER / name / "fixtures").glob("v*.json"))

    for sample in samples:
        settings = json.loads(sample.read_text(encoding="utf-8"))
        settings.pop("slot", None)
        model.model_validate(settings, extra="ignore")

    assert samples


def test_a_changed_default_changes_the_digest(folder: Path) -> None:
    set_default_limit(folder, 20)

    changed = discover(folder)

    assert changed.digest != registry().digest
    found: Any = changed.components["@/lib/registry/components/table-list"].defaults
    assert found["dataSource"]["limit"] == 20


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("schema.py", "DEFINITION = ", "OTHER = ", "no DEFINITION"),
        ("schema.py", 'title: Text = ""', "title: Text", "needs a default"),
        ("schema.py", "title: Text", "slot: Text", "no names for settings"),
        ("schema.py", 'Text = ""\n    table', "Text = 7\n    table", "refused by its schema"),
        (
            "schema.py",
            "selection: Selection = Field(default_factory=Selection)",
            "selection: Selection | None = None",
            "needs a struct",
        ),
        ("locale/ko.json", '"dataSource.limit"', '"other"', "lacks"),
        ("locale/en.json", '"waiting"', '"wating"', "lacks"),
        ("locale/en.json", "{\n  ", "[", "not JSON"),
    ],
)
def test_a_faulty_folder_is_refused_in_one_sentence(
    folder: Path, file: str, old: str, new: str, words: str
) -> None:
    path = folder / "table-list" / file
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")

    with pytest.raises(RegistryError, match=words):
        discover(folder)


def test_two_slots_with_one_key_are_refused(folder: Path) -> None:
    replace_in(folder / "split-panel-layout" / "schema.py", 'Slot("right")', 'Slot("left")')

    with pytest.raises(RegistryError, match="two slots"):
        discover(folder)


@pytest.mark.parametrize("file", ["template.html", "style.css", "README.md", "schema.py"])
def test_a_missing_file_is_named(folder: Path, file: str) -> None:
    (folder / "button-primary" / file).unlink()

    with pytest.raises(RegistryError, match=f"{file} is missing"):
        discover(folder)


def test_a_strange_folder_name_is_refused(folder: Path) -> None:
    (folder / "button-primary").rename(folder / "Button Primary")

    with pytest.raises(RegistryError, match="lower-case"):
        discover(folder)
