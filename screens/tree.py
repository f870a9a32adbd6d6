"""Arranges the flat rows of a screen as a tree, whatever state they are in. No Django.

Broken places are mended for the page only, never in the rows: a row whose parent is missing, that
stands in a circle or too deep becomes a root, and a finding says so.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from screens.overrides import Json

MAX_DEPTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LayoutRow:
    """A row of `screen_layouts_v1` as a plain value."""

    component_id: str
    component_url: str
    custom_config: Mapping[str, Json]
    parent_id: str | None = None
    position_x: int = 0
    position_y: int = 0
    width: int = 100
    height: int = 100
    display_order: int | None = 0
    updated_at: datetime | None = None

    @property
    def order(self) -> tuple[int, str]:
        """Rows are ordered by sparse numbers that may repeat; the id decides then."""
        return (self.display_order or 0, self.component_id)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a component that a person should look at."""

    code: str
    component_id: str


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Roots and children in the order in which they are shown."""

    roots: tuple[LayoutRow, ...]
    children: Mapping[str, tuple[LayoutRow, ...]]
    findings: tuple[Finding, ...]


def arrange(rows: Iterable[LayoutRow]) -> Arrangement:
    """Build the tree: no row is lost, no row appears twice, none stands deeper than MAX_DEPTH."""
    known = {row.component_id: row for row in rows}
    parents = {component_id: known[component_id].parent_id for component_id in sorted(known)}
    findings = [*_cut_off_strays(parents), *_cut_off_the_deep(parents)]
    below: dict[str | None, list[LayoutRow]] = defaultdict(list)
    for row in sorted(known.values(), key=lambda row: row.order):
        below[parents[row.component_id]].append(row)
    children = {key: tuple(found) for key, found in below.items() if key is not None}
    return Arrangement(tuple(below[None]), children, tuple(findings))


def ancestors(component_id: str, parents: Mapping[str, str | None]) -> list[str]:
    """Return the chain of parents upwards; it ends at a root, a missing parent or a repetition."""
    chain: list[str] = []
    parent = parents.get(component_id)
    while parent is not None and parent in parents and parent not in chain:
        chain.append(parent)
        parent = parents[parent]
    return chain


def _cut_off_strays(parents: dict[str, str | None]) -> list[Finding]:
    findings = []
    for component_id, parent in parents.items():
        if parent is not None and parent not in parents:
            findings.append(Finding("orphan", component_id))
        elif component_id in ancestors(component_id, parents):
            findings.append(Finding("cycle", component_id))
        else:
            continue
        parents[component_id] = None
    return findings


def _cut_off_the_deep(parents: dict[str, str | None]) -> list[Finding]:
    below: dict[str | None, list[str]] = defaultdict(list)
    for component_id, parent in parents.items():
        below[parent].append(component_id)
    findings = []
    queue = deque((component_id, 1) for component_id in below[None])
    while queue:
        component_id, depth = queue.popleft()
        if depth > MAX_DEPTH:
            findings.append(Finding("too_deep", component_id))
            parents[component_id] = None
            depth = 1
        queue.extend((child, depth + 1) for child in below[component_id])
    return findings
