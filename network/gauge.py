"""Pure: how near a server is to what it can bear, in figures and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from network.headscale.features import Release, lacks
from network.headscale.sizes import LIST_LIMIT_BYTES

_NEAR = 0.7
_SLOW_CHANGE_S = 5.0
_SLOW_LIST_S = 5.0


@dataclass(frozen=True, slots=True)
class Gauge:
    """Machines, seconds a change, seconds a list, and the list's share of the 4 MiB it may have.

    `warnings` name what will hurt soon: `list_near_limit`, `list_over_limit`, `changes_slow`,
    `list_slow`.
    """

    machines: int
    list_bytes: int
    change_s: float | None
    list_s: float | None
    warnings: tuple[str, ...]

    @property
    def list_share(self) -> float:
        """The list's size as a share of the limit."""
        return self.list_bytes / LIST_LIMIT_BYTES


def measure(
    *,
    machines: int,
    list_bytes: int,
    changes_s: Sequence[float],
    lists_s: Sequence[float],
    release: Release | None,
) -> Gauge:
    """Put together the figures of a server; times are the newest ones, in seconds."""
    change_s = median(changes_s) if changes_s else None
    list_s = median(lists_s) if lists_s else None
    found = []
    if lacks(release, "lists.unlimited") is not None or release is None:
        share = list_bytes / LIST_LIMIT_BYTES
        if share >= 1:
            found.append("list_over_limit")
        elif share >= _NEAR:
            found.append("list_near_limit")
    if change_s is not None and change_s > _SLOW_CHANGE_S:
        found.append("changes_slow")
    if list_s is not None and list_s > _SLOW_LIST_S:
        found.append("list_slow")
    return Gauge(machines, list_bytes, change_s, list_s, tuple(found))
