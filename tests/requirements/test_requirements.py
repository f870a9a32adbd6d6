"""The list of what was asked for is whole, and what it calls done is tested."""

from __future__ import annotations

import ast
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "docs" / "requirements.toml"
FIELDS = {"id", "text", "state", "tests"}
# The numbers of the first document's checklist; gaps are gaps there too.
FIRST = (
    *range(1, 9), *range(10, 15), *range(20, 27), *range(30, 35), *range(40, 44), *range(50, 53),
    *range(60, 62), *range(70, 74), *range(80, 85), *range(90, 92), *range(100, 106),
    *range(110, 115),
)  # fmt: skip
IDS = (*(f"S1-{number:03d}" for number in FIRST), *(f"R{number}" for number in range(1, 74)))


@cache
def requirements() -> tuple[dict[str, Any], ...]:
    return tuple(tomllib.loads(LIST.read_text(encoding="utf-8"))["requirement"])


@cache
def names_in(path: Path) -> frozenset[str]:
    """Return the tests of a file, those of a class as `TestClass::test_name`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    plain = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    grouped = [
        f"{group.name}::{node.name}"
        for group in tree.body
        if isinstance(group, ast.ClassDef)
        for node in group.body
        if isinstance(node, ast.FunctionDef)
    ]
    return frozenset(plain + grouped)


def exists(node_id: str) -> bool:
    """This will say whether pytest would find a test of this name in its file."""
    file, _, name = node_id.partition("::")
    path = ROOT / file
    is_test = name.rpartition("::")[2].startswith("test_")
    return is_test and path.is_file() and name in names_in(path)


def test_every_requirement_is_listed_once_and_no_other() -> None:
    counted = Counter(one["id"] for one in requirements())

    assert counted == Counter(IDS)


@pytest.mark.parametrize("one", requirements(), ids=lambda one: str(one["id"]))
def test_a_requirement_is_complete_and_its_tests_exist(one: dict[str, Any]) -> None:
    assert set(one) == FIELDS
    assert one["text"].endswith(".")
    assert one["state"] in {"done", "planned"}
    assert bool(one["tests"]) is (one["state"] == "done")
    assert [name for name in one["tests"] if not exists(name)] == []


def test_a_test_that_is_not_there_is_noticed() -> None:
    here = "tests/requirements/test_requirements.py"

    assert exists(f"{here}::test_a_test_that_is_not_there_is_noticed")
    assert exists("network/admin/tests/test_list_tools.py::TestFile::test_the_rows_of_the_list")
    assert not exists("network/admin/tests/test_list_tools.py::test_the_rows_of_the_list")
    assert not exists(f"{here}::test_nothing")
    assert not exists("tests/requirements/test_nothing.py::test_nothing")
