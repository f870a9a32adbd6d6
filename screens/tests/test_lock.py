"""A default changes only together with an entry in the lock file."""

from __future__ import annotations

from pathlib import Path

import pytest

from screens.checks import components_are_sound
from screens.lock import entry_of, lock_problems, read_lock
from screens.registry import discover, registry
from screens.tests.folders import copied_components, set_default_limit


def test_the_defaults_of_the_house_are_written_down() -> None:
    assert list(lock_problems(registry(), read_lock())) == []
    assert components_are_sound() == []


def test_a_default_without_an_entry_is_reported(tmp_path: Path) -> None:
    folder = copied_components(tmp_path)
    set_default_limit(folder, 20)

    problems = list(lock_problems(discover(folder), read_lock()))

    assert len(problems) == 1
    assert "table-list changed without an entry" in problems[0]


def test_an_entry_settles_it(tmp_path: Path) -> None:
    folder = copied_components(tmp_path)
    set_default_limit(folder, 20)
    changed = discover(folder)
    lock = read_lock()

    lock["table-list"].append(
        entry_of(changed.components["@/lib/registry/components/table-list"], note="Shorter lists.")
    )

    assert list(lock_problems(changed, lock)) == []


def test_a_switch_in_place_of_a_number_is_a_change() -> None:
    lock = read_lock()
    lock["split-panel-layout"][-1]["defaults"]["resizable"] = 1

    assert len(list(lock_problems(registry(), lock))) == 1


@pytest.mark.parametrize("policy", ["preserve", "ask", None])
def test_a_policy_that_does_not_exist_is_reported(policy: str | None) -> None:
    lock = read_lock()
    lock["table-list"][-1]["policy"] = policy

    assert "policy" in next(lock_problems(registry(), lock))


def test_an_entry_without_a_component_is_reported() -> None:
    lock = read_lock() | {"card-display": []}

    assert list(lock_problems(registry(), lock)) == [
        "lock.json knows card-display, but there is no such component."
    ]
