"""What a new policy changes: line by line, and in words, who newly or no longer reaches whom."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from network.headscale.features import gettext_noop
from network.policy.addresses import Bits, positions_of
from network.policy.document import Document
from network.policy.evaluate import Evaluator
from network.policy.hujson import shown
from network.policy.principals import Account, Machine
from network.policy.reach import SEEN, Groups, Rows, Service, in_words, service_rows, services_of
from network.policy.sayings import Saying
from network.policy.sides import Kind, Parties, Sides, sides_of

Sign = Literal["+", "-", " ", "@"]
CONTEXT_LINES = 3
_KINDS: tuple[Kind, ...] = ("PHARMACY", "STAFF", "TRUSTED", "OTHER")
_SENTENCES = {
    "gained": gettext_noop("%(source)s → %(target)s (모두 %(count)d쌍): %(service)s에 새로 닿음"),
    "gained_own": gettext_noop("%(source)s의 머신끼리 (모두 %(count)d곳): %(service)s에 새로 닿음"),
    "gained_sight": gettext_noop("%(source)s → %(target)s (모두 %(count)d쌍): 새로 서로 보임"),
    "gained_own_sight": gettext_noop("%(source)s의 머신끼리 (모두 %(count)d곳): 새로 서로 보임"),
    "lost": gettext_noop(
        "%(source)s → %(target)s (모두 %(count)d쌍): %(service)s에 더는 닿지 않음"
    ),
    "lost_own": gettext_noop(
        "%(source)s의 머신끼리 (모두 %(count)d곳): %(service)s에 더는 닿지 않음"
    ),
    "lost_sight": gettext_noop("%(source)s → %(target)s (모두 %(count)d쌍): 더는 보이지 않음"),
    "lost_own_sight": gettext_noop("%(source)s의 머신끼리 (모두 %(count)d곳): 더는 보이지 않음"),
}


class Line(NamedTuple):
    """One line of a difference: added, taken away, the same, or the head of a part."""

    sign: Sign
    text: str


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a change means for the sides of a network; `kinds` of each saying are in its values."""

    gained: tuple[Saying, ...]
    lost: tuple[Saying, ...]

    @property
    def is_nothing(self) -> bool:
        """Say whether nobody reaches more or less than before."""
        return not self.gained and not self.lost


def lines(old: str, new: str) -> tuple[Line, ...]:
    """Return the unified difference of two texts, three lines around each part; empty if equal."""
    signs: dict[str, Sign] = {"+": "+", "-": "-", "@": "@"}
    found = difflib.unified_diff(old.splitlines(), new.splitlines(), n=CONTEXT_LINES, lineterm="")
    return tuple(
        Line("@", text) if text.startswith("@@") else Line(signs.get(text[:1], " "), text[1:])
        for number, text in enumerate(found)
        if number > 1  # the two lines that name files
    )


def meaning(
    old: Document | None,
    new: Document,
    parties: Parties,
    *,
    accounts: Sequence[Account],
    machines: Sequence[Machine] = (),
) -> Meaning:
    """Return who newly, and who no longer, reaches whom, gathered by kind of side and by service.

    `old` is None where the engine has no policy: everybody reaches everybody then. Machines that
    may join tomorrow count as well, so a pharmacy without any has its place.
    """
    before = old if old is not None else Document(new.release, is_empty=True)
    sides = sides_of(parties, accounts=accounts, machines=machines, documents=(before, new))
    evaluators = [
        Evaluator(document, accounts=sides.accounts, machines=sides.machines)
        for document in (before, new)
    ]
    services = services_of(evaluators)
    groups = Groups(sides.side_of)
    first, second = (service_rows(one, groups, services) for one in evaluators)
    all_services = (*services, SEEN)
    return Meaning(
        tuple(_told("gained", _more(second, first, all_services), sides)),
        tuple(_told("lost", _more(first, second, all_services), sides)),
    )


def _more(
    some: dict[Service, Rows], others: dict[Service, Rows], services: Sequence[Service]
) -> dict[Service, Rows]:
    return {
        service: {
            source: left
            for source, row in some[service].items()
            if (left := row & ~others[service].get(source, 0))
        }
        for service in services
    }


class _Key(NamedTuple):
    source: Kind
    target: Kind
    own: bool
    services: tuple[Service, ...]


@dataclass(slots=True)
class _Tally:
    source: int
    target: int
    count: int = field(default=0)


def _told(sign: str, more: dict[Service, Rows], sides: Sides) -> Iterator[Saying]:
    tallies: dict[_Key, _Tally] = {}
    kinds = {kind: sides.of_kind(kind) for kind in _KINDS}
    for source in sorted({source for rows in more.values() for source in rows}):
        rows = {service: row[source] for service, row in more.items() if source in row}
        for services, targets in _parted(rows):
            for key, row in _keys(sides, source, services, targets, kinds):
                tally = tallies.setdefault(key, _Tally(source, positions_of(row)[0]))
                tally.count += row.bit_count()
    for key in sorted(tallies, key=_order):
        yield _saying(sign, key, tallies[key], sides)


def _parted(rows: dict[Service, Bits]) -> Iterator[tuple[tuple[Service, ...], Bits]]:
    """Part the targets of one source into those that share the same services."""
    parts: dict[tuple[Service, ...], Bits] = {}
    for service, row in rows.items():
        rest, after = row, dict[tuple[Service, ...], Bits]()
        for services, targets in parts.items():
            for key, some in ((services, targets & ~row), ((*services, service), targets & row)):
                if some:
                    after[key] = after.get(key, 0) | some
            rest &= ~targets
        if rest:
            after[(service,)] = after.get((service,), 0) | rest
        parts = after
    yield from parts.items()


def _keys(
    sides: Sides,
    source: int,
    services: tuple[Service, ...],
    targets: Bits,
    kinds: dict[Kind, Bits],
) -> Iterator[tuple[_Key, Bits]]:
    kind, itself = sides.sides[source].kind, 1 << source
    if targets & itself:
        yield _Key(kind, kind, True, services), itself
    for target in _KINDS:
        row = targets & kinds[target] & ~itself
        if row:
            yield _Key(kind, target, False, services), row


def _order(key: _Key) -> tuple[int, int, bool, tuple[Service, ...]]:
    """What concerns pharmacies among themselves comes first."""
    return _KINDS.index(key.source), _KINDS.index(key.target), key.own, key.services


def _saying(sign: str, key: _Key, tally: _Tally, sides: Sides) -> Saying:
    is_sight = set(key.services) == {SEEN}
    code = sign + ("_own" if key.own else "") + ("_sight" if is_sight else "")
    values: dict[str, str | int] = {
        "source": shown(sides.sides[tally.source].label),
        "target": shown(sides.sides[tally.target].label),
        "count": tally.count,
        "service": in_words(key.services),
    }
    return Saying(code, _SENTENCES[code], values)
