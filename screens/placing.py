"""Where a component may stand on a screen: parent, slot and depth, judged before it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from screens.overrides import SLOT
from screens.registry import Component
from screens.tree import MAX_DEPTH, LayoutRow, ancestors

MOST_PIXELS = 100_000
HIGHEST_ORDER = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """The place of a component: below which parent in which slot, where, how big, in which order.

    Order numbers are sparse (steps of 1,024), may repeat, and count within parent and slot.
    """

    parent_id: str | None = None
    slot: str | None = None
    position_x: int = 0
    position_y: int = 0
    width: int = 100
    height: int = 100
    display_order: int = 0


def placement_problem(
    placement: Placement,
    component_id: str,
    rows: Mapping[str, LayoutRow],
    parent_component: Component | None,
) -> str | None:
    """Return why a component cannot stand there, as a code, or None when it can.

    Codes: `size`, `root_slot`, `no_parent`, `circle`, `no_slot`, `slot_full`, `too_deep`.
    """
    if not _is_sized(placement):
        return "size"
    if placement.parent_id is None:
        return "root_slot" if placement.slot else None
    if placement.parent_id not in rows:
        return "no_parent"
    parents = {one.component_id: one.parent_id for one in rows.values()}
    above = [placement.parent_id, *ancestors(placement.parent_id, parents)]
    if component_id in above:
        return "circle"
    if len(above) + _height(component_id, parents) > MAX_DEPTH:
        return "too_deep"
    return _slot_problem(placement, component_id, rows, parent_component)


def _slot_problem(
    placement: Placement,
    component_id: str,
    rows: Mapping[str, LayoutRow],
    parent_component: Component | None,
) -> str | None:
    slot = parent_component.slot(placement.slot or "") if parent_component else None
    if slot is None:
        return "no_slot"
    taken = [
        one
        for one in rows.values()
        if one.parent_id == placement.parent_id
        and one.custom_config.get(SLOT) == slot.key
        and one.component_id != component_id
    ]
    is_full = slot.max_children is not None and len(taken) >= slot.max_children
    return "slot_full" if is_full else None


def _height(component_id: str, parents: Mapping[str, str | None]) -> int:
    """Count the levels from a component down to its deepest descendant, itself included."""
    chains = (ancestors(one, parents) for one in parents)
    return 1 + max(
        (chain.index(component_id) + 1 for chain in chains if component_id in chain), default=0
    )


def _is_sized(placement: Placement) -> bool:
    return (
        abs(placement.position_x) <= MOST_PIXELS
        and abs(placement.position_y) <= MOST_PIXELS
        and 1 <= placement.width <= MOST_PIXELS
        and 1 <= placement.height <= MOST_PIXELS
        and abs(placement.display_order) <= HIGHEST_ORDER
    )
