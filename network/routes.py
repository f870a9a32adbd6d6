"""Pure: the routes of one machine. Routes are CIDR strings of the engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from network.overlaps import EXIT_ROUTES, NO_OVERLAPS, Overlaps, network_of

_FEW = 3


@dataclass(frozen=True, slots=True)
class Route:
    """One route of a machine: announced by it, approved by us, serving right now.

    `overlaps` are other machines' routes that reach into it. Two machines with the very same route
    are each other's stand-in: only one serves.
    """

    text: str
    announced: bool
    approved: bool
    serving: bool
    overlaps: Overlaps = NO_OVERLAPS

    @property
    def first_overlaps(self) -> tuple[tuple[str, str], ...]:
        """Return the few overlaps that a page shows."""
        return self.overlaps.first[:_FEW]

    @property
    def overlaps_left(self) -> int:
        """Return how many overlaps a page only counts."""
        return max(self.overlaps.count - _FEW, 0)

    @property
    def is_exit(self) -> bool:
        """Say whether this is the way to everywhere."""
        return self.text in EXIT_ROUTES


def routes_of(
    announced: Sequence[str],
    approved: Sequence[str],
    serving: Sequence[str],
    overlaps: Callable[[str], Overlaps],
) -> tuple[Route, ...]:
    """Return the routes of one machine in order; `overlaps` tells what reaches into a route."""
    texts = sorted({*announced, *approved, *serving}, key=_order)
    return tuple(
        Route(text, text in announced, text in approved, text in serving, overlaps(text))
        for text in texts
    )


def _order(text: str) -> tuple[int, int, str]:
    network = network_of(text)
    if network is None:
        return (9, 0, text)
    return (network.version, int(network.network_address), text)
