"""The sides between which a policy is judged: each pharmacy, each of our people, and the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from network.policy.addresses import Bits, bits_of
from network.policy.document import Document
from network.policy.principals import (
    Account,
    Machine,
    StaffGroup,
    Tenant,
    accounts_by_name,
    name_in,
)

# TRUSTED are accounts and tags of ours that are no people, such as a server that watches.
Kind = Literal["PHARMACY", "STAFF", "TRUSTED", "OTHER"]


@dataclass(frozen=True, slots=True)
class Side:
    """One side: its kind, the account or tags it is made of, and the name that people read."""

    kind: Kind
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is meant by a policy: pharmacies, staff groups, and words of ours that are trusted.

    `trusted` are names of accounts and tags (`tag:…`). Everybody else counts as other.
    """

    pharmacies: Sequence[Tenant] = ()
    staff: Sequence[StaffGroup] = ()
    trusted: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Sides:
    """Sides, and the machines of a network divided among them.

    `machines` are the real ones, followed by imagined ones: for every account one that may join
    tomorrow, and for every tag that an account owns one that wears it. `side_of` gives the side of
    each machine by position, `members` the machines of each side as bits.
    """

    sides: tuple[Side, ...]
    accounts: tuple[Account, ...]
    machines: tuple[Machine, ...]
    side_of: tuple[int, ...]
    members: tuple[Bits, ...]

    def of_kind(self, kind: Kind) -> Bits:
        """Return the sides of a kind as bits: bit n is side n."""
        return bits_of(n for n, side in enumerate(self.sides) if side.kind == kind)


def sides_of(
    parties: Parties,
    *,
    accounts: Sequence[Account],
    machines: Sequence[Machine],
    documents: Sequence[Document] = (),
) -> Sides:
    """Divide a network. Pharmacies come first, in their order; each has a side without machines.

    `documents` are the policies that say who owns which tag.
    """
    return _Division(parties, accounts, machines, documents).sides()


class _Division:
    """The making of `Sides`: who is who, and who may join."""

    def __init__(
        self,
        parties: Parties,
        accounts: Sequence[Account],
        machines: Sequence[Machine],
        documents: Sequence[Document],
    ) -> None:
        self._parties, self._documents = parties, documents
        self._sides: dict[str, int] = {}
        self._found: list[Side] = []
        self._accounts = [*accounts]
        self._machines, self._side_of = [*machines], list[int]()
        names = {account.name for account in accounts}
        for name in dict.fromkeys(self._expected_names()):
            if name not in names:
                self._accounts.append(Account(-len(self._accounts) - 1, name))

    def sides(self) -> Sides:
        self._name_sides()
        by_id = {account.id: account.name for account in self._accounts}
        self._side_of += [self._side_of_machine(one, by_id) for one in self._machines]
        for machine, side in list(self._imagined()):
            self._machines.append(machine)
            self._side_of.append(side)
        positions: list[list[int]] = [[] for _ in self._found]
        for position, side in enumerate(self._side_of):
            positions[side].append(position)
        return Sides(
            tuple(self._found),
            tuple(self._accounts),
            tuple(self._machines),
            tuple(self._side_of),
            tuple(bits_of(some) for some in positions),
        )

    def _expected_names(self) -> Iterator[str]:
        yield from (tenant.user for tenant in self._parties.pharmacies)
        yield from (name for group in self._parties.staff for name in group.users)

    def _name_sides(self) -> None:
        for tenant in self._parties.pharmacies:
            self._add("PHARMACY", tenant.user, tenant.shown)
        for group in self._parties.staff:
            for name in group.users:
                self._add("STAFF", name, name)
        for account in self._accounts:
            is_trusted = account.name in self._parties.trusted
            self._add("TRUSTED" if is_trusted else "OTHER", account.name, account.name)

    def _add(self, kind: Kind, name: str, label: str) -> int:
        if name not in self._sides:
            self._sides[name] = len(self._found)
            self._found.append(Side(kind, name, label))
        return self._sides[name]

    def _side_of_machine(self, machine: Machine, by_id: dict[int, str]) -> int:
        """The link of ours first, then the account, then the tags."""
        for name in (machine.pharmacy, by_id.get(machine.account_id, "")):
            if name and name in self._sides:
                return self._sides[name]
        is_trusted = bool(set(machine.tags) & set(self._parties.trusted))
        tags = ", ".join(machine.tags) or machine.name
        return self._add("TRUSTED" if is_trusted else "OTHER", f"\0{tags}", tags)

    def _imagined(self) -> Iterator[tuple[Machine, int]]:
        number = 0
        for account, tags in self._joining():
            number -= 1
            machine = Machine(
                number, 0 if tags else account.id, (), tags, (), account.name, "", True
            )
            yield machine, self._sides[account.name]

    def _joining(self) -> Iterator[tuple[Account, tuple[str, ...]]]:
        """An untagged machine of every account, and one for every tag that it owns."""
        yield from ((account, ()) for account in self._accounts)
        known = accounts_by_name(self._accounts)
        owned = {
            (name_in(user), tag)
            for document in self._documents
            for tag in document.tag_owners
            for user in _owners(document, tag, frozenset())
        }
        for name, tag in sorted(owned):
            yield from ((account, (tag,)) for account in known.get(name, ()))


def _owners(document: Document, tag: str, seen: frozenset[str]) -> Iterator[str]:
    """The users that own a tag, through groups and other tags."""
    for name in document.tag_owners.get(tag, ()):
        if name.startswith("group:"):
            yield from document.groups.get(name, ())
        elif name.startswith("tag:"):
            if name not in seen:
                yield from _owners(document, name, seen | {tag})
        else:
            yield name
