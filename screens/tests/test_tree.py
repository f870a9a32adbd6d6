"""The tree of a screen holds every row once, in whatever state the rows are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screens.tree import MAX_DEPTH, Arrangement, LayoutRow, ancestors, arrange


def row(component_id: str, parent_id: str | None = None, order: int | None = 0) -> LayoutRow:
    return LayoutRow(
        component_id=component_id,
        component_url="@/x",
        custom_config={},
        parent_id=parent_id,
        display_order=order,
    )


def shown(tree: Arrangement) -> Iterator[tuple[int, str]]:
    """Depth and id of every row in the order of the page."""
    waiting = [(1, root) for root in reversed(tree.roots)]
    while waiting:
        depth, one = waiting.pop()
        yield depth, one.component_id
        waiting += [(depth + 1, c) for c in reversed(tree.children.get(one.component_id, ()))]


def codes(tree: Arrangement) -> list[tuple[str, str]]:
    return [(finding.code, finding.component_id) for finding in tree.findings]


def test_children_stand_below_their_parent_in_their_order() -> None:
    rows = [row("split"), row("b", "split", 2048), row("a", "split", 4096), row("top", order=-1)]

    tree = arrange(rows)

    assert list(shown(tree)) == [(1, "top"), (1, "split"), (2, "b"), (2, "a")]
    assert tree.findings == ()


def test_equal_and_missing_orders_are_settled_by_the_id() -> None:
    tree = arrange([row("c", order=None), row("b"), row("a", order=0)])

    assert [one.component_id for one in tree.roots] == ["a", "b", "c"]


def test_a_row_without_its_parent_is_shown_and_reported() -> None:
    tree = arrange([row("left", "gone"), row("inner", "left")])

    assert list(shown(tree)) == [(1, "left"), (2, "inner")]
    assert codes(tree) == [("orphan", "left")]


@pytest.mark.parametrize(
    ("rows", "broken"),
    [
        ([row("a", "a")], "a"),
        ([row("b", "a"), row("a", "b")], "a"),
        ([row("c", "b"), row("b", "a"), row("a", "c"), row("d", "b")], "a"),
    ],
)
def test_a_circle_is_broken_at_its_smallest_id(rows: list[LayoutRow], broken: str) -> None:
    tree = arrange(rows)

    assert codes(tree) == [("cycle", broken)]
    assert len(list(shown(tree))) == len(rows)


def test_a_chain_too_deep_is_cut() -> None:
    rows = [row(f"n{i:02}", f"n{i - 1:02}" if i else None) for i in range(MAX_DEPTH + 2)]

    tree = arrange(rows)

    assert codes(tree) == [("too_deep", "n08")]
    assert max(depth for depth, _id in shown(tree)) == MAX_DEPTH


def test_ancestors_end_at_a_repetition() -> None:
    assert ancestors("a", {"a": "b", "b": "c", "c": "b"}) == ["b", "c"]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from("abcdefghijkl"), st.none() | st.sampled_from("abcdefghijklx"))
)
def test_no_row_is_lost_or_doubled(parents: dict[str, str | None]) -> None:
    tree = arrange([row(child, parent) for child, parent in parents.items()])

    found = list(shown(tree))

    assert sorted(component_id for _depth, component_id in found) == sorted(parents)
    assert all(depth <= MAX_DEPTH for depth, _id in found)
