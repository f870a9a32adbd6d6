"""Who reaches whom, for whole groups of machines at once, as rows of bits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from network.policy.addresses import Bits, bits_of, positions_of
from network.policy.aliases import PINGS
from network.policy.evaluate import Evaluator, Opening

_NAMES = {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp", 132: "sctp"}


class Service(NamedTuple):
    """A protocol and a range of ports; all zeros stand for being told of each other at all."""

    protocol: int
    low: int
    high: int


SEEN = Service(0, 0, 0)


@dataclass(slots=True)
class Groups:
    """A division of machines: `of` gives the group of each machine by position."""

    of: Sequence[int]
    _known: dict[Bits, Bits] = field(default_factory=dict)

    def among(self, machines: Bits) -> Bits:
        """Return the groups that have one of these machines."""
        if machines not in self._known:
            self._known[machines] = bits_of({self.of[n] for n in positions_of(machines)})
        return self._known[machines]


Rows = dict[int, Bits]


def pairs_of(evaluator: Evaluator, opening: Opening, groups: Groups) -> Iterator[tuple[Bits, Bits]]:
    """Give the groups that see through an opening: (sources, destinations), each with each."""
    sources, targets = opening.sources | opening.routers, opening.targets | opening.shown
    return _pairs(evaluator, opening, groups, sources, targets)


def _pairs(
    evaluator: Evaluator, opening: Opening, groups: Groups, sources: Bits, targets: Bits
) -> Iterator[tuple[Bits, Bits]]:
    if not opening.same_user:
        yield groups.among(sources), groups.among(targets)
        return
    for machines in evaluator.accounts.values():
        if machines & sources:
            yield groups.among(machines & sources), groups.among(machines & targets)


def rows_of(pairs: Iterable[tuple[Bits, Bits]]) -> Rows:
    """Return for each source group the groups it reaches."""
    rows: Rows = {}
    united: dict[Bits, Bits] = {}
    for sources, targets in pairs:
        united[sources] = united.get(sources, 0) | targets
    for sources, targets in united.items():
        if targets:
            for source in positions_of(sources):
                rows[source] = rows.get(source, 0) | targets
    return rows


def seen_rows(evaluator: Evaluator, groups: Groups) -> Rows:
    """Return for each group those it reaches or is shown, in this direction."""
    return rows_of(
        pair for opening in evaluator.openings for pair in pairs_of(evaluator, opening, groups)
    )


def services_of(evaluators: Sequence[Evaluator]) -> tuple[Service, ...]:
    """Cut the ports of all openings into the largest ranges within which nothing changes.

    A ping passes where anything does, so it is no service of its own.
    """
    edges: dict[int, set[int]] = {}
    for opening in (opening for evaluator in evaluators for opening in evaluator.openings):
        for protocol in opening.protocols - PINGS if opening.ports else ():
            for low, high in opening.ports:
                edges.setdefault(protocol, set()).update((low, high + 1))
    return tuple(
        Service(protocol, low, high - 1)
        for protocol in sorted(edges)
        for low, high in pairwise(sorted(edges[protocol]))
    )


def service_rows(
    evaluator: Evaluator, groups: Groups, services: Sequence[Service]
) -> dict[Service, Rows]:
    """Return the rows of each service, and those of being seen."""
    pairs: dict[Service, list[tuple[Bits, Bits]]] = {service: [] for service in services}
    for opening in evaluator.openings:
        found = list(_pairs(evaluator, opening, groups, opening.sources, opening.targets))
        for service in services:
            if _has(opening, service):
                pairs[service] += found
    return {service: rows_of(some) for service, some in pairs.items()} | {
        SEEN: seen_rows(evaluator, groups)
    }


def _has(opening: Opening, service: Service) -> bool:
    return service.protocol in opening.protocols and any(
        low <= service.low and service.high <= high for low, high in opening.ports
    )


def in_words(services: Iterable[Service]) -> str:
    """Write services as `tcp/udp 22,5900-5910`; `*` for every port, `-` for none at all."""
    by_protocol: dict[int, list[tuple[int, int]]] = {}
    for service in sorted(set(services) - {SEEN}):
        ranges = by_protocol.setdefault(service.protocol, [])
        if ranges and ranges[-1][1] + 1 == service.low:
            ranges[-1] = (ranges[-1][0], service.high)
        else:
            ranges.append((service.low, service.high))
    by_ports: dict[str, list[str]] = {}
    for protocol, ranges in by_protocol.items():
        text = ",".join(_range_in_words(*ends) for ends in ranges)
        by_ports.setdefault(text, []).append(_NAMES.get(protocol, str(protocol)))
    return "; ".join(f"{'/'.join(names)} {ports}" for ports, names in by_ports.items()) or "-"


def _range_in_words(low: int, high: int) -> str:
    if (low, high) == (0, 65535):
        return "*"
    return str(low) if low == high else f"{low}-{high}"
