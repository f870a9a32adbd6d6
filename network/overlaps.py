"""Pure: which routes of a server's machines reach into one of them.

Two CIDR networks have nothing in common, or one contains the other. So whatever reaches into a
network is found among the few that contain it and the ones that begin within it; no route is
compared with all others.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from ipaddress import IPv4Network, IPv6Network, ip_network
from itertools import accumulate, islice

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


NO_OVERLAPS = Overlaps()
# The number of no machine.
_NOBODY = 0


class _Places:
    """Networks in their order, each with how many claims stand there."""

    def __init__(self, places: Iterable[_Place]) -> None:
        self._numbers = dict(sorted(Counter(places).items()))
        self._places = list(self._numbers)
        self._lengths = sorted({(version, length) for version, _, length in self._places})
        self._before = list(accumulate(self._numbers.values(), initial=0))

    def containing(self, network: Network) -> Iterator[_Place]:
        """Give the places of the network itself and of all that contain it."""
        bits = network.max_prefixlen
        address = int(network.network_address)
        for version, length in self._lengths:
            if version == network.version and length <= network.prefixlen:
                place = (version, address >> (bits - length) << (bits - length), length)
                if place in self._numbers:
                    yield place

    def within(self, network: Network) -> list[_Place]:
        """Return the places of the smaller networks inside a network."""
        return self._places[slice(*self._span(network))]

    def count(self, network: Network) -> int:
        """Return how many claims reach into a network."""
        begin, end = self._span(network)
        around = sum(self._numbers[place] for place in self.containing(network))
        return around + self._before[end] - self._before[begin]

    def _span(self, network: Network) -> tuple[int, int]:
        first, last = int(network.network_address), int(network.broadcast_address)
        begin = bisect_left(self._places, (network.version, first, network.prefixlen + 1))
        end = bisect_right(self._places, (network.version, last, network.max_prefixlen))
        return begin, end


class Neighbourhood:
    """The routes of one server's machines. The ways to everywhere overlap with nothing.

    However many routes one machine announces: it is the device that decides that.
    """

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._claims: defaultdict[_Place, list[Claim]] = defaultdict(list)
        own: defaultdict[int | None, list[_Place]] = defaultdict(list)
        for claim in sorted(set(claims), key=_by_name):
            place = _place_of(claim.text)
            if place is not None:
                self._claims[place].append(claim)
                own[claim.machine].append(place)
        self._all = _Places(place for places in own.values() for place in places)
        self._own = {machine: _Places(places) for machine, places in own.items()}
        self._met: dict[Network, list[Claim]] = {}

    def around(self, machine: int, text: str) -> Overlaps:
        """Return what reaches into a route of a machine: routes of all machines but itself."""
        network = None if text in EXIT_ROUTES else network_of(text)
        if network is None:
            return NO_OVERLAPS
        mine = self._own[machine].count(network) if machine in self._own else 0
        count = self._all.count(network) - mine
        return Overlaps(tuple(map(_by_name, self._first(network, machine))), count)

    def _first(self, network: Network, machine: int) -> list[Claim]:
        """Return the first of the others. Who has that network too most often finds the same."""
        if network not in self._met:
            self._met[network] = self._meet(network, _NOBODY, 2 * TOLD)
        met = self._met[network]
        others = [claim for claim in met if claim.machine != machine][:TOLD]
        all_are_known = len(met) < 2 * TOLD
        if len(others) == TOLD or all_are_known:
            return others
        return self._meet(network, machine, TOLD)

    def _meet(self, network: Network, without: int, most: int) -> list[Claim]:
        places = [*self._all.containing(network), *self._all.within(network)]
        return nsmallest(
            most,
            (
                claim
                for place in places
                for claim in islice(
                    (one for one in self._claims[place] if one.machine != without), most
                )
            ),
            key=_by_name,
        )


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


def _by_name(claim: Claim) -> tuple[str, str]:
    return (claim.name, claim.text)
