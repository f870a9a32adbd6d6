"""Every component: its stored samples are drawn, its schema is typed, its files keep the rules."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from mypy import api as mypy

from screens.loading import assemble
from screens.registry import FOLDER, URL_PREFIX, Component, registry
from screens.rendering import Page, render_blocks
from screens.tree import LayoutRow

SAMPLES = sorted(FOLDER.glob("*/fixtures/v*.json"))
COMPONENTS = list(registry().components.values())


def name_of(value: object) -> str:
    if isinstance(value, Component):
        return value.name
    return f"{value.parents[1].name}-{value.stem}" if isinstance(value, Path) else str(value)


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("sample", SAMPLES, ids=name_of)
def test_a_stored_sample_is_drawn(sample: Path, language: str) -> None:
    row = LayoutRow(
        component_id="c",
        component_url=URL_PREFIX + sample.parents[1].name,
        custom_config=json.loads(sample.read_text(encoding="utf-8")),
    )
    blocks, _findings = assemble([row], registry())

    drawn = render_blocks(blocks, Page(language=language))

    assert 'class="c-' in drawn
    assert "screen__neutral" not in drawn


@pytest.mark.parametrize("component", COMPONENTS, ids=name_of)
def test_a_template_has_no_inline_code_and_trusts_nothing(component: Component) -> None:
    assert not re.search(
        r"<script|<style|\sstyle=|\son[a-z]+=|\|safe|autoescape|mark_safe", component.template
    )


@pytest.mark.parametrize("component", COMPONENTS, ids=name_of)
def test_a_style_reaches_its_own_component_only(component: Component) -> None:
    style = re.sub(r"/\*.*?\*/", "", component.style, flags=re.DOTALL)
    rules = re.findall(r"^\s*([.#a-z:*\[][^{}]*)\{", style, re.MULTILINE)

    assert rules
    assert all(part.strip().startswith(".c-") for rule in rules for part in rule.split(","))


@pytest.mark.parametrize("component", COMPONENTS, ids=name_of)
def test_a_style_asks_no_other_host(component: Component) -> None:
    assert not re.search(r"url\(|@import|https?:", component.style + component.template)


def test_the_schemas_are_typed_strictly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three files of one name are more than one run over the house can take."""
    for component in COMPONENTS:
        name = component.name.replace("-", "_")
        shutil.copy(component.folder / "schema.py", tmp_path / f"{name}_schema.py")
    monkeypatch.chdir(FOLDER.parents[1])
    cache = ".mypy_cache/components"

    text, errors, status = mypy.run(
        [
            "--strict",
            "--config-file=",
            "--follow-imports=silent",
            f"--cache-dir={cache}",
            str(tmp_path),
        ]
    )

    assert status == 0, text + errors
