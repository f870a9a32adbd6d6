"""Loads a screen: one query, then tree, defaults, overrides and validation of every component."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pydantic

from screens.models import ScreenLayout
from screens.overrides import SLOT, JsonObject, merge, split_unknown
from screens.registry import Component, Registry
from screens.schema import ComponentSettings, unstorable
from screens.tree import Arrangement, Finding, LayoutRow, arrange

ROW_FIELDS = tuple(LayoutRow.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A component as a page shows it: the row, the code that draws it, the merged settings.

    `model` is None when the code is unknown or refuses the settings; `unknown` holds stored keys
    that this code does not know. Children are kept in either case.
    """

    row: LayoutRow
    component: Component | None
    settings: JsonObject
    model: ComponentSettings | None
    unknown: JsonObject
    problems: tuple[str, ...]
    children: tuple[Block, ...]

    @property
    def slot(self) -> str | None:
        slot = self.row.custom_config.get(SLOT)
        return slot if isinstance(slot, str) else None

    def children_in(self, slot: str) -> tuple[Block, ...]:
        return tuple(child for child in self.children if child.slot == slot)

    @property
    def unplaced(self) -> tuple[Block, ...]:
        """Children that no slot of this component shows."""
        keys: set[str] = set()
        if self.component is not None and self.model is not None:
            keys = {slot.key for slot in self.component.definition.slots}
        return tuple(child for child in self.children if child.slot not in keys)


@dataclass(frozen=True, slots=True)
class LoadedScreen:
    """A screen of one company, ready to be drawn or sent."""

    company_code: str
    screen_id: str
    roots: tuple[Block, ...]
    findings: tuple[Finding, ...]

    def blocks(self) -> Iterator[Block]:
        """Give every component, parents before their children."""
        waiting = list(reversed(self.roots))
        while waiting:
            block = waiting.pop()
            yield block
            waiting.extend(reversed(block.children))


def load_screen(*, company_code: str, screen_id: str, registry: Registry) -> LoadedScreen | None:
    """Load a screen with one query; None when the company has no such screen."""
    if unstorable(screen_id):
        return None
    found = ScreenLayout.objects.for_company(company_code).filter(screen_id=screen_id)
    rows = [LayoutRow(**values) for values in found.values(*ROW_FIELDS)]
    if not rows:
        return None
    roots, findings = assemble(rows, registry)
    return LoadedScreen(company_code, screen_id, roots, findings)


def assemble(
    rows: Iterable[LayoutRow], registry: Registry
) -> tuple[tuple[Block, ...], tuple[Finding, ...]]:
    """Build the blocks of a screen from its rows, and what a person should look at."""
    tree = arrange(rows)
    problems: dict[str, list[str]] = defaultdict(list)
    for finding in tree.findings:
        problems[finding.component_id].append(finding.code)
    roots = tuple(_block(row, tree, registry, problems) for row in tree.roots)
    findings = tuple(
        Finding(code, component_id) for component_id, codes in problems.items() for code in codes
    )
    return roots, findings


def _block(
    row: LayoutRow, tree: Arrangement, registry: Registry, problems: Mapping[str, list[str]]
) -> Block:
    component = registry.find(row.component_url)
    found = problems[row.component_id]
    settings, unknown, model = _resolved(component, row)
    if component is None:
        found.append("unknown_component")
    elif model is None:
        found.append("invalid_settings")
    if unknown:
        found.append("unknown_settings")
    children = tree.children.get(row.component_id, ())
    block = Block(
        row=row,
        component=component,
        settings=settings,
        model=model,
        unknown=unknown,
        problems=tuple(found),
        children=tuple(_block(child, tree, registry, problems) for child in children),
    )
    for child in block.unplaced:
        problems[child.row.component_id].append("unplaced")
    return block


def _resolved(
    component: Component | None, row: LayoutRow
) -> tuple[JsonObject, JsonObject, ComponentSettings | None]:
    if component is None:
        return {}, {}, None
    known, unknown = split_unknown(row.custom_config, component.struct)
    settings = merge(component.defaults, known, component.struct)
    try:
        return settings, unknown, component.model.model_validate(settings, extra="ignore")
    except pydantic.ValidationError:
        return settings, unknown, None
