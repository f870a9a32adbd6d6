"""Pure: which routes of a server's machines reach into one of them.

Two CIDR networks have nothing in common, or one contains the other. So whatever reaches into a
network is found among the few that contain it and the ones that begin within it; no route is
compared with all others.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import islice

EXIT_ROUTES = ("0.0.0.0/0", "::/0")
# More are only counted: a whole fleet may have the very same route.
TOLD = 20
Network = IPv4Network | IPv6Network
# Version, first address, length of the prefix: the order in which networks contain what follows.
_Place = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Claim:
    """A route that a machine has, and what the machine is called here; None is one of strangers."""

    machine: int | None
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Overlaps:
    """The first TOLD pairs (name of the machine, route) in order, and how many there are."""

    first: tuple[tuple[str, str], ...] = ()
    count: int = 0

    @property
    def left(self) -> int:
        """Return how many are only counted."""
        return self.count - len(self.first)


NONE = Overlaps()


class Neighbourhood:
    """The routes of one server's machines. The ways to everywhere overlap with nothing."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        claims_at: defaultdict[_Place, list[Claim]] = defaultdict(list)
        self._own: defaultdict[int, list[Claim]] = defaultdict(list)
        for claim in sorted(set(claims), key=_by_name):
            place = _place_of(claim.text)
            if place is not None:
                claims_at[place].append(claim)
                if claim.machine is not None:
                    self._own[claim.machine].append(claim)
        self._claims = dict(sorted(claims_at.items()))
        self._places = list(self._claims)
        self._lengths = {(version, length) for version, _, length in self._places}
        self._most_own = max(map(len, self._own.values()), default=0)
        self._met: dict[Network, tuple[list[Claim], int]] = {}

    def around(self, machine: int, text: str) -> Overlaps:
        """Return what reaches into a route of a machine: routes of all machines but itself."""
        network = None if text in EXIT_ROUTES else network_of(text)
        if network is None:
            return NONE
        if network not in self._met:
            self._met[network] = self._meet(network)
        first, count = self._met[network]
        own = sum(_overlap(network, claim.text) for claim in self._own.get(machine, ()))
        others = (_by_name(claim) for claim in first if claim.machine != machine)
        return Overlaps(tuple(islice(others, TOLD)), count - own)

    def _meet(self, network: Network) -> tuple[list[Claim], int]:
        """Return the first that overlap, enough for whoever leaves its own out, and the number."""
        places = [*self._containing(network), *self._within(network)]
        enough = TOLD + self._most_own
        some = (claim for place in places for claim in self._claims[place][:enough])
        return nsmallest(enough, some, key=_by_name), sum(len(self._claims[p]) for p in places)

    def _containing(self, network: Network) -> Iterator[_Place]:
        """Give the places of the network itself and of all that contain it."""
        bits = network.max_prefixlen
        address = int(network.network_address)
        for length in range(network.prefixlen + 1):
            if (network.version, length) in self._lengths:
                place = (network.version, address >> (bits - length) << (bits - length), length)
                if place in self._claims:
                    yield place

    def _within(self, network: Network) -> Iterator[_Place]:
        """Give the places of the smaller networks inside a network."""
        first, last = int(network.network_address), int(network.broadcast_address)
        begin = bisect_left(self._places, (network.version, first, network.prefixlen + 1))
        end = bisect_right(self._places, (network.version, last, network.max_prefixlen))
        yield from self._places[begin:end]


@lru_cache(maxsize=16_384)
def network_of(text: str) -> Network | None:
    """Read a route; host bits that somebody left in are passed over, other text is None."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _place_of(text: str) -> _Place | None:
    network = None if text in EXIT_ROUTES else network_of(text)
    if network is None:
        return None
    return (network.version, int(network.network_address), network.prefixlen)


def _overlap(network: Network, text: str) -> bool:
    other = network_of(text)
    if isinstance(network, IPv4Network):
        return isinstance(other, IPv4Network) and network.overlaps(other)
    return isinstance(other, IPv6Network) and network.overlaps(other)


def _by_name(claim: Claim) -> tuple[str, str]:
    return (claim.name, claim.text)
