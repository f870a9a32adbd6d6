"""Which words of a policy stand for which machines, as sets of bits: bit n is machine n."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from network.policy.aliases import Alias, Kind
from network.policy.document import Document
from network.policy.principals import Account, Machine, accounts_by_name, name_in
from network.policy.spans import (
    EVERYTHING,
    INTERNET,
    TAILNET,
    TAILNET_SOURCES,
    Span,
    any_overlap,
    span_of,
)

Bits = int
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Selection:
    """What a word stands for: machines, and spans of addresses that need not belong to any."""

    machines: Bits = 0
    spans: tuple[Span, ...] = ()


NOBODY = Selection()


@dataclass(frozen=True, slots=True)
class Router:
    """A machine with approved routes; `covered` are the machines whose addresses lie in them."""

    position: int
    subnets: tuple[Span, ...]
    is_exit: bool
    covered: Bits


def bits_of(positions: Iterable[int]) -> Bits:
    """Return the set with these positions."""
    bits = bytearray()
    for position in positions:
        byte = position >> 3
        if byte >= len(bits):
            bits.extend(bytes(byte + 1 - len(bits)))
        bits[byte] |= 1 << (position & 7)
    return int.from_bytes(bits, "little")


def positions_of(bits: Bits) -> list[int]:
    """Return the positions in a set, in order."""
    found = []
    for start, byte in enumerate(bits.to_bytes((bits.bit_length() + 7) // 8, "little")):
        if byte:
            found += [start * 8 + offset for offset in range(8) if byte >> offset & 1]
    return found


class Directory:
    """Accounts and machines, and what each word of one document stands for among them.

    A tagged machine is no machine of its account. A word that stands for nobody selects nobody.
    """

    def __init__(
        self, document: Document, accounts: Sequence[Account], machines: Sequence[Machine]
    ) -> None:
        self.document, self.accounts, self.machines = document, accounts, machines
        self.everyone = (1 << len(machines)) - 1
        self.tagged = bits_of(n for n, machine in enumerate(machines) if machine.tags)
        self.by_account = _gathered(
            (machine.account_id, n)
            for n, machine in enumerate(machines)
            if machine.account_id and not machine.tags
        )
        self._by_tag = _gathered((tag, n) for n, one in enumerate(machines) for tag in one.tags)
        self._by_name = accounts_by_name(accounts)
        self._imagined = bits_of(n for n, machine in enumerate(machines) if machine.is_imagined)
        self._addresses = sorted(
            (span.family, span.low, n)
            for n, machine in enumerate(machines)
            for address in machine.addresses
            if (span := span_of(address)) is not None
        )
        self._known: dict[Alias, Selection] = {}
        self.routers = self._routers()

    def selected(self, alias: Alias) -> Selection:
        """Return what a word stands for as a destination; the autogroup self is nobody here."""
        if alias not in self._known:
            self._known[alias] = self._resolved(alias)
        return self._known[alias]

    def as_source(self, alias: Alias) -> Selection:
        """Return what a word stands for as a source: from 0.29 on `*` is the tailnet only."""
        release = self.document.release
        if alias.kind == "any" and (release is None or release >= (0, 29)):
            routes = (subnet for router in self.routers for subnet in router.subnets)
            return Selection(self.everyone, (*TAILNET_SOURCES, *dict.fromkeys(routes)))
        return self.selected(alias)

    def in_spans(self, spans: Iterable[Span]) -> Bits:
        """Return the machines with an address in one of the spans, imagined ones included."""
        positions: list[int] = []
        imagined = 0
        for span in spans:
            low = bisect_left(self._addresses, (span.family, span.low, -1))
            high = bisect_right(self._addresses, (span.family, span.high, len(self.machines)))
            positions += [self._addresses[place][2] for place in range(low, high)]
            # An address that nobody has may be given to the next machine that joins.
            if any_overlap((span,), TAILNET) and not (span.is_single and low < high):
                imagined = self._imagined
        return bits_of(positions) | imagined

    def _resolved(self, alias: Alias) -> Selection:
        by_kind: dict[Kind, Callable[[Alias], Selection]] = {
            "any": lambda _: Selection(self.everyone, EVERYTHING),
            "prefix": lambda alias: self._at(alias.span),
            "host": lambda alias: self._at(span_of(self.document.hosts.get(alias.text, ""))),
            "autogroup": self._autogroup,
            "group": self._group,
            "tag": lambda alias: Selection(self._by_tag.get(alias.text, 0)),
            "user": lambda alias: Selection(self._of_user(alias.text)),
        }
        return by_kind[alias.kind](alias)

    def _at(self, span: Span | None) -> Selection:
        return NOBODY if span is None else Selection(self.in_spans((span,)), (span,))

    def _group(self, alias: Alias) -> Selection:
        members = self.document.groups.get(alias.text, ())
        return Selection(_union(self._of_user(member) for member in members))

    def _autogroup(self, alias: Alias) -> Selection:
        if not alias.knows(self.document.release):
            return NOBODY
        return {
            "autogroup:member": Selection(self.everyone & ~self.tagged),
            "autogroup:tagged": Selection(self.tagged),
            "autogroup:internet": Selection(0, INTERNET),
            "autogroup:danger-all": Selection(self.everyone, EVERYTHING),
        }.get(alias.text, NOBODY)

    def _of_user(self, token: str) -> Bits:
        found = self._by_name.get(name_in(token), ())
        return self.by_account.get(found[0].id, 0) if len(found) == 1 else 0

    def _routers(self) -> tuple[Router, ...]:
        """Up to 0.26 the way to everywhere is a route like any other."""
        release, found = self.document.release, []
        exits = EVERYTHING if release is None or release >= (0, 27) else ()
        for n, machine in enumerate(self.machines):
            routes = tuple(s for route in machine.routes if (s := span_of(route)) is not None)
            subnets = tuple(route for route in routes if route not in exits)
            if routes:
                covered = self.in_spans(subnets)
                found.append(Router(n, subnets, len(subnets) < len(routes), covered))
        return tuple(found)


def _gathered(pairs: Iterable[tuple[K, int]]) -> dict[K, Bits]:
    found: dict[K, list[int]] = defaultdict(list)
    for key, position in pairs:
        found[key].append(position)
    return {key: bits_of(positions) for key, positions in found.items()}


def _union(parts: Iterable[Bits]) -> Bits:
    bits = 0
    for part in parts:
        bits |= part
    return bits
