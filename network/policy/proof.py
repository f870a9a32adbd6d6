"""The proof that no pharmacy reaches another: every ordered pair is judged, none is sampled.

A pair counts as denied when the engine does not even make the two peers of each other: no packet,
no route, no way to the internet, for the machines that exist and for those that may join tomorrow.
Whatever is true of machines that no rule tells apart is reckoned once, as one row of bits; the
answer is the same as by asking for each two machines, only faster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from network.headscale.features import gettext_noop
from network.policy.addresses import Bits, positions_of
from network.policy.aliases import Ports, ports_of, protocols_of
from network.policy.document import Document
from network.policy.evaluate import Evaluator, Opening
from network.policy.hujson import shown
from network.policy.principals import Account, Machine, StaffGroup, accounts_by_name
from network.policy.reach import Groups, Rows, pairs_of, seen_rows
from network.policy.sayings import PolicyError, Saying, Value
from network.policy.sides import Parties, Side, sides_of
from network.policy.words import place_of, words_of

SHOWN_HOLES = 20
_SENTENCES = {
    "open": gettext_noop("규칙 부분이 없어 모두가 모두에게 닿습니다."),
    "shared_user": gettext_noop("두 약국이 한 사용자를 씁니다: %(name)s"),
    "taken_name": gettext_noop("‘%(name)s’이라는 이름이 약국의 사용자만을 뜻하지 않습니다."),
    "staff_is_pharmacy": gettext_noop("약국의 사용자가 직원 그룹에도 있습니다: %(name)s"),
    "pharmacy_to_pharmacy": gettext_noop(
        "%(source)s이(가) %(target)s에 닿습니다. %(place)s: %(rule)s"
    ),
    "pharmacy_to_staff": gettext_noop(
        "%(source)s이(가) 직원 %(target)s의 머신에 닿습니다. %(place)s: %(rule)s"
    ),
    "other_to_pharmacy": gettext_noop(
        "약국도 직원도 아닌 %(source)s이(가) %(target)s에 닿습니다. %(place)s: %(rule)s"
    ),
    "pharmacy_to_other": gettext_noop(
        "%(source)s이(가) 약국도 직원도 아닌 %(target)s에 닿습니다. %(place)s: %(rule)s"
    ),
    "own_apart": gettext_noop("%(source)s의 머신끼리 서로 닿지 않습니다."),
    "staff_shut_out": gettext_noop(
        "직원 그룹 %(group)s의 %(source)s이(가) %(target)s의 모든 머신에 닿지는 않습니다."
    ),
    "not_proven": gettext_noop("약국이 서로 격리됨을 증명하지 못했습니다. 첫째 이유: %(reason)s"),
}


@dataclass(frozen=True, slots=True)
class Proof:
    """The outcome for every ordered pair of pharmacies.

    `pairs` were judged, `denied` of them hold. `holes` tell of the first that do not, and of
    whatever else breaks isolation; `hole_count` counts them all. `missing` are promises to staff
    and within pharmacies that the policy does not keep, `remarks` what pharmacies reach besides.
    `machines` exist, `imagined` ones were judged with them.
    """

    pairs: int
    denied: int
    holes: tuple[Saying, ...]
    hole_count: int
    missing: tuple[Saying, ...]
    remarks: tuple[Saying, ...]
    machines: int
    imagined: int

    @property
    def is_proven(self) -> bool:
        """Say whether no pharmacy reaches another, none our people, and no stranger any."""
        return self.hole_count == 0 and self.denied == self.pairs


class NotIsolatedError(PolicyError):
    """A policy that does not prove isolation; it is not set. `proof` says why."""

    def __init__(self, proof: Proof) -> None:
        self.proof = proof
        reason = proof.holes[0].text if proof.holes else ""
        super().__init__(_saying("not_proven", reason=reason))


def prove(
    document: Document,
    parties: Parties,
    *,
    accounts: Sequence[Account],
    machines: Sequence[Machine] = (),
    own: bool = False,
) -> Proof:
    """Judge a policy. With `own`, machines of one pharmacy are expected to reach each other."""
    return _Judgement(document, parties, accounts, machines).proof(own)


def require(proof: Proof) -> None:
    """Raise NotIsolatedError unless isolation is proven."""
    if not proof.is_proven:
        raise NotIsolatedError(proof)


def _saying(code: str, **values: Value) -> Saying:
    return Saying(code, _SENTENCES[code], values)


class _Judgement:
    """One document over one network, side by side."""

    def __init__(
        self,
        document: Document,
        parties: Parties,
        accounts: Sequence[Account],
        machines: Sequence[Machine],
    ) -> None:
        self._document, self._parties, self._real = document, parties, len(machines)
        self._sides = sides_of(parties, accounts=accounts, machines=machines, documents=(document,))
        self._evaluator = Evaluator(
            document, accounts=self._sides.accounts, machines=self._sides.machines
        )
        self._groups = Groups(self._sides.side_of)
        self._pharmacies = self._sides.of_kind("PHARMACY")

    def proof(self, own: bool) -> Proof:
        rows = seen_rows(self._evaluator, self._groups)
        broken = self._broken_pairs(rows, "PHARMACY", self._pharmacies)
        names = list(self._wrong_names())
        others = self._sides.of_kind("OTHER")
        to_staff = self._broken_pairs(rows, "PHARMACY", self._sides.of_kind("STAFF"))
        from_others = self._broken_pairs(rows, "OTHER", self._pharmacies)
        holes = [
            *names,
            *self._told("pharmacy_to_pharmacy", broken),
            *self._told("pharmacy_to_staff", to_staff),
            *self._told("other_to_pharmacy", from_others),
        ]
        count = len(self._parties.pharmacies)
        pairs = count * (count - 1)
        missing = [*self._shut_out(), *(self._apart() if own else ())]
        to_others = self._broken_pairs(rows, "PHARMACY", others)
        return Proof(
            pairs=pairs,
            denied=pairs - _count(broken),
            holes=tuple(holes[:SHOWN_HOLES]),
            hole_count=len(names) + sum(map(_count, (broken, to_staff, from_others))),
            missing=tuple(missing[:SHOWN_HOLES]),
            remarks=tuple(self._told("pharmacy_to_other", to_others)),
            machines=self._real,
            imagined=len(self._sides.machines) - self._real,
        )

    def _wrong_names(self) -> Iterator[Saying]:
        """Names on which the division into sides would rest wrongly."""
        if not self._document.has_rules:
            yield _saying("open")
        users = [tenant.user for tenant in self._parties.pharmacies]
        staff = {name for group in self._parties.staff for name in group.users}
        known = accounts_by_name(self._sides.accounts)
        for name in sorted({name for name in users if users.count(name) > 1}):
            yield _saying("shared_user", name=shown(name))
        for name in users:
            found = known.get(name, ())
            if len(found) != 1 or found[0].name != name:
                yield _saying("taken_name", name=shown(name))
            if name in staff:
                yield _saying("staff_is_pharmacy", name=shown(name))

    def _broken_pairs(self, rows: Rows, kind: str, targets: Bits) -> Rows:
        """The sides of a kind that reach one of the targets other than themselves."""
        broken = {
            source: rows.get(source, 0) & targets & ~(1 << source)
            for source, side in enumerate(self._sides.sides)
            if side.kind == kind
        }
        return {source: row for source, row in broken.items() if row}

    def _told(self, code: str, broken: Rows) -> Iterator[Saying]:
        left = SHOWN_HOLES
        for source, row in broken.items():
            for target in positions_of(row)[:left]:
                opening = self._opening_between(source, target)
                rule = opening.rule if opening is not None else None
                sides = self._sides.sides
                yield _saying(
                    code,
                    source=_named(sides[source]),
                    target=_named(sides[target]),
                    place=place_of(rule),
                    rule=shown(words_of(rule)) if rule is not None else "-",
                )
                left -= 1
            if left <= 0:
                return

    def _opening_between(self, source: int, target: int) -> Opening | None:
        for opening in self._evaluator.openings:
            for sources, targets in pairs_of(self._evaluator, opening, self._groups):
                if sources >> source & 1 and targets >> target & 1:
                    return opening
        return None

    # Promises.

    def _apart(self) -> Iterator[Saying]:
        """Pharmacies whose untagged machines do not all reach each other."""
        together = [(one.sources, one.targets) for one in self._evaluator.openings if one.ports]
        untagged = _union(self._evaluator.accounts.values())
        for side in positions_of(self._pharmacies):
            machines = self._sides.members[side] & untagged
            if not any(machines & s == machines & t == machines for s, t in together):
                yield _saying("own_apart", source=_named(self._sides.sides[side]))

    def _shut_out(self) -> Iterator[Saying]:
        for group in self._parties.staff:
            wanted = [
                side
                for side in positions_of(self._pharmacies)
                if group.pharmacies is None or self._sides.sides[side].name in group.pharmacies
            ]
            for name in group.users:
                reached = self._reached_by(group, name)
                for side in wanted:
                    if self._sides.members[side] & ~reached:
                        target = _named(self._sides.sides[side])
                        yield _saying(
                            "staff_shut_out", group=group.name, source=shown(name), target=target
                        )

    def _reached_by(self, group: StaffGroup, name: str) -> Bits:
        """The machines that all untagged machines of a person reach on every port of the group."""
        ids = [account.id for account in self._sides.accounts if account.name == name]
        people = _union(self._evaluator.accounts.get(one, 0) for one in ids)
        parts = [
            _union(
                opening.targets
                for opening in self._evaluator.openings
                if opening.sources & people == people and not opening.same_user
                if _serves(opening, ports, group, self._document)
            )
            for ports in map(ports_of, group.ports)
            if ports is not None
        ]
        reached = parts[0] if parts else 0
        for part in parts:
            reached &= part
        return reached


def _serves(opening: Opening, ports: Ports, group: StaffGroup, document: Document) -> bool:
    needed = protocols_of(group.protocol, document.release)
    return needed <= opening.protocols and all(
        any(low <= first and last <= high for low, high in opening.ports) for first, last in ports
    )


def _named(side: Side) -> str:
    return shown(side.label)


def _count(rows: Rows) -> int:
    return sum(row.bit_count() for row in rows.values())


def _union(parts: Iterable[Bits]) -> Bits:
    united = 0
    for part in parts:
        united |= part
    return united
