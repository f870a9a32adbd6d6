"""Pure: what the routes of machines mean for each other. Routes are CIDR strings of the engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

EXIT_ROUTES = ("0.0.0.0/0", "::/0")
Network = IPv4Network | IPv6Network
_FEW = 3


@dataclass(frozen=True, slots=True)
class Route:
    """One route of a machine: announced by it, approved by us, serving right now.

    `overlaps` are other routes (name of the machine, route) that reach into it. Two machines with
    the very same route are each other's stand-in: only one serves.
    """

    text: str
    announced: bool
    approved: bool
    serving: bool
    overlaps: tuple[tuple[str, str], ...] = ()

    @property
    def first_overlaps(self) -> tuple[tuple[str, str], ...]:
        """Return the few overlaps that a page shows: a whole fleet may have the very same route."""
        return self.overlaps[:_FEW]

    @property
    def overlaps_left(self) -> int:
        """Return how many overlaps a page only counts."""
        return max(len(self.overlaps) - _FEW, 0)

    @property
    def is_exit(self) -> bool:
        """Say whether this is the way to everywhere."""
        return self.text in EXIT_ROUTES


def routes_of(
    announced: Sequence[str],
    approved: Sequence[str],
    serving: Sequence[str],
    others: Mapping[str, Iterable[str]],
) -> tuple[Route, ...]:
    """Return the routes of one machine in order; `others` are those of its neighbours by name."""
    texts = sorted({*announced, *approved, *serving}, key=_order)
    return tuple(
        Route(
            text,
            text in announced,
            text in approved,
            text in serving,
            () if text in EXIT_ROUTES else _overlaps(text, others),
        )
        for text in texts
    )


def _overlaps(text: str, others: Mapping[str, Iterable[str]]) -> tuple[tuple[str, str], ...]:
    network = network_of(text)
    if network is None:
        return ()
    return tuple(
        sorted(
            (name, other)
            for name, routes in others.items()
            for other in routes
            if other not in EXIT_ROUTES and _overlap(network, network_of(other))
        )
    )


def _overlap(one: Network, other: Network | None) -> bool:
    if isinstance(one, IPv4Network):
        return isinstance(other, IPv4Network) and one.overlaps(other)
    return isinstance(other, IPv6Network) and one.overlaps(other)


# Each route is compared with all others: read once, not once a pair.
@lru_cache(maxsize=16_384)
def network_of(text: str) -> Network | None:
    """Read a route; host bits that somebody left in are passed over, other text is None."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _order(text: str) -> tuple[int, int, str]:
    network = network_of(text)
    if network is None:
        return (9, 0, text)
    return (network.version, int(network.network_address), text)
