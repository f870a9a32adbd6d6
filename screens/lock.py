"""The lock file of defaults: a default may change only together with an entry that says how.

Each component has a list of entries, newest last, that keeps every set of defaults it ever had.
The policy `follow` lets existing screens take the new default.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from screens.overrides import same
from screens.registry import FOLDER, Component, Registry

LOCK_FILE = FOLDER / "lock.json"
POLICIES = ("follow",)


def read_lock(path: Path = LOCK_FILE) -> dict[str, list[dict[str, Any]]]:
    """Read the lock file: component name to entries with version, policy, note and defaults."""
    lock: dict[str, list[dict[str, Any]]] = json.loads(path.read_text(encoding="utf-8"))
    return lock


def lock_problems(registry: Registry, lock: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """Give one sentence for each component whose defaults are not those of its last entry."""
    for component in registry.components.values():
        entries = lock.get(component.name, [])
        yield from _wrong_policies(component.name, entries)
        if not entries or not _is_of(component, entries[-1]):
            yield (
                f"The defaults of {component.name} changed without an entry in lock.json; add "
                f"{json.dumps(entry_of(component), ensure_ascii=False)} and say why."
            )
    for name in lock.keys() - {component.name for component in registry.components.values()}:
        yield f"lock.json knows {name}, but there is no such component."


def entry_of(component: Component, *, note: str = "") -> dict[str, Any]:
    """Return the entry that the present defaults of a component need."""
    return {
        "version": component.definition.version,
        "policy": "follow",
        "note": note,
        "defaults": component.defaults,
    }


def _wrong_policies(name: str, entries: list[dict[str, Any]]) -> Iterator[str]:
    for entry in entries:
        if entry.get("policy") not in POLICIES:
            yield f"lock.json: {name} has a policy that is not one of {', '.join(POLICIES)}."


def _is_of(component: Component, entry: dict[str, Any]) -> bool:
    return entry.get("version") == component.definition.version and same(
        entry.get("defaults"), component.defaults
    )
