"""What a policy lets through, written after the engine's own evaluation but apart from it.

Two things are told apart. A machine *reaches* another when a packet of its own passes the filter
there. It *sees* another when the engine tells it about that peer, because one of them may use
anything of the other: a port, a route, a way to the internet. Seeing goes both ways and is what
real clients show. Source: hscontrol/policy/v2, hscontrol/types/node.go (CanAccess) of 0.26.1,
0.27.1, 0.28.0 and 0.29.2.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from network.policy.addresses import Bits, Directory, Selection, bits_of, positions_of
from network.policy.aliases import EVERY_PORT, PINGS, WITH_PORTS, Ports, protocol_number
from network.policy.aliases import protocols_of as numbers_of
from network.policy.document import Destination, Document, Rule
from network.policy.principals import Account, Machine
from network.policy.spans import any_overlap, covers_internet

SELF = "autogroup:self"


@dataclass(frozen=True, slots=True)
class Opening:
    """One destination of one rule, with the machines it concerns as bits.

    `sources` by their own address, `routers` by a route of theirs that covers a source; `targets`
    by their own address, `shown` by a route. With `same_user`, only machines of one account among
    themselves. `rule` is None when there is no rule section at all.
    """

    rule: Rule | None
    destination: Destination | None
    sources: Bits
    routers: Bits
    targets: Bits
    shown: Bits
    same_user: bool
    ports: Ports
    protocols: frozenset[int]

    def lets(self, port: int, protocol: int) -> bool:
        """Say whether a packet passes; a ping passes where anything does (the client's filter)."""
        if not self.ports:
            return False
        if protocol in PINGS:
            return True
        if protocol not in self.protocols:
            return False
        if protocol not in WITH_PORTS:
            return self.ports == EVERY_PORT
        return any(low <= port <= high for low, high in self.ports)


class Evaluator:
    """One policy over one network. Machines are named by their position in `machines`."""

    def __init__(
        self, document: Document, *, accounts: Sequence[Account], machines: Sequence[Machine]
    ) -> None:
        self.document, self.machines = document, machines
        self._directory = Directory(document, accounts, machines)
        self._places = {machine.id: n for n, machine in enumerate(machines)}
        self.openings = tuple(self._all_openings())

    @property
    def accounts(self) -> dict[int, Bits]:
        """The untagged machines of each account, by the account's number."""
        return self._directory.by_account

    def may_reach(
        self, source: Machine, destination: Machine, port: int, protocol: str = "tcp"
    ) -> bool:
        """Say whether a packet of `source` to an address of `destination` passes.

        Raises KeyError for a machine that is not in this network, ValueError for a protocol that
        does not exist.
        """
        one, other = self._places[source.id], self._places[destination.id]
        number = protocol_number(protocol)
        return one == other or any(
            opening.lets(port, number)
            for opening in self.openings
            if opening.sources >> one & 1 and opening.targets >> other & 1
            if not opening.same_user or self._share_user(one, other)
        )

    def sees(self, one: Machine, other: Machine) -> bool:
        """Say whether the engine makes the two peers of each other."""
        places = self._places[one.id], self._places[other.id]
        return self._shows(*places) or self._shows(places[1], places[0])

    def peers(self, machine: Machine) -> tuple[Machine, ...]:
        """Return the machines that a client is told about, in the order of the list."""
        return tuple(
            other for other in self.machines if other.id != machine.id and self.sees(machine, other)
        )

    def rules_between(self, source: Machine, destination: Machine) -> tuple[Opening, ...]:
        """Return what makes `source` reach or see `destination`, in the policy's order."""
        one, other = self._places[source.id], self._places[destination.id]
        return tuple(opening for opening in self.openings if self._concerns(opening, one, other))

    def _shows(self, one: int, other: int) -> bool:
        return any(self._concerns(opening, one, other) for opening in self.openings)

    def _concerns(self, opening: Opening, one: int, other: int) -> bool:
        return bool(
            (opening.sources | opening.routers) >> one & 1
            and (opening.targets | opening.shown) >> other & 1
            and (not opening.same_user or self._share_user(one, other))
        )

    def _share_user(self, one: int, other: int) -> bool:
        both = self.machines[one], self.machines[other]
        if not both[0].account_id or both[0].tags or both[1].tags:
            return False
        return both[0].account_id == both[1].account_id

    def _all_openings(self) -> Iterator[Opening]:
        everyone = self._directory.everyone
        if not self.document.has_rules:
            ports, protocols = EVERY_PORT, numbers_of("", None)
            yield Opening(None, None, everyone, 0, everyone, 0, False, ports, protocols)
            return
        for rule in self.document.rules:
            sources = [self._directory.as_source(alias) for alias in rule.sources]
            selected = 0
            for source in sources:
                selected |= source.machines
            routers = self._routers_among(sources, selected)
            if selected or routers:
                yield from self._openings_of(rule, selected, routers)

    def _openings_of(self, rule: Rule, sources: Bits, routers: Bits) -> Iterator[Opening]:
        spans = [self._directory.selected(one.alias).spans for one in rule.destinations]
        leads_out = covers_internet(tuple(span for some in spans for span in some))
        via = self._tagged_with(rule.via)
        for destination in rule.destinations:
            alias = destination.alias
            same_user = alias.text == SELF and alias.knows(self.document.release)
            selection = self._directory.selected(alias)
            targets, shown = selection.machines, self._routers_behind(selection, leads_out)
            if rule.via:
                targets, shown = 0, shown & via
            if same_user:
                targets = self._same_users(sources)
            if targets or shown:
                yield Opening(
                    *(rule, destination, sources, 0 if same_user else routers),
                    *(targets, shown, same_user),
                    destination.ports,
                    numbers_of(destination.protocol, self.document.release),
                )

    def _tagged_with(self, tags: tuple[str, ...]) -> Bits:
        wanted = set(tags)
        return bits_of(n for n, one in enumerate(self.machines) if wanted & set(one.tags))

    def _same_users(self, sources: Bits) -> Bits:
        """Every untagged machine of an account of which one is a source."""
        found = 0
        for machines in self._directory.by_account.values():
            if machines & sources:
                found |= machines
        return found

    def _routers_among(self, sources: list[Selection], machines: Bits) -> Bits:
        """From 0.29 on a router is a source, too, when one of its routes covers a source."""
        release = self.document.release
        if release is not None and release < (0, 29):
            return 0
        spans = tuple(span for source in sources for span in source.spans)
        return bits_of(
            router.position
            for router in self._directory.routers
            if router.covered & machines or any_overlap(router.subnets, spans)
        )

    def _routers_behind(self, selection: Selection, leads_out: bool) -> Bits:
        """Routers that a destination shows, by a route or as a way to the internet."""
        return bits_of(
            router.position
            for router in self._directory.routers
            if (leads_out and router.is_exit)
            or router.covered & selection.machines
            or any_overlap(router.subnets, selection.spans)
        )


def machines_in(bits: Bits, machines: Sequence[Machine]) -> tuple[Machine, ...]:
    """Return the machines of a set."""
    return tuple(machines[position] for position in positions_of(bits))
