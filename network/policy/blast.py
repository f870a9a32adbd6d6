"""How far a change of policy reaches: counted in machines that exist, not in those imagined."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from network.policy.addresses import Bits
from network.policy.document import Document
from network.policy.evaluate import Evaluator
from network.policy.principals import Account, Machine
from network.policy.reach import SEEN, Groups, Rows, Service, service_rows, services_of


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """Counts of ordered pairs of different machines, and of the machines that are part of one.

    A pair counts as gained when the first newly reaches a service of the second, or is newly shown
    to it; as lost when it no longer is. It may be both. `pairs` are all there are.
    """

    machines: int
    pairs: int
    gained_pairs: int
    lost_pairs: int
    changed_machines: int
    cut_off_machines: int

    @property
    def share(self) -> float:
        """The part of the machines that are concerned, from 0 to 1."""
        return self.changed_machines / self.machines if self.machines else 0.0


def blast_radius(
    old: Document | None,
    new: Document,
    *,
    accounts: Sequence[Account],
    machines: Sequence[Machine],
) -> BlastRadius:
    """Count what a change of policy does to the machines that exist.

    `old` is None where the engine has no policy and everybody reaches everybody.
    `cut_off_machines` were seen by another machine before, and are by none afterwards.
    """
    before = old if old is not None else Document(new.release, is_empty=True)
    evaluators = [
        Evaluator(document, accounts=accounts, machines=machines) for document in (before, new)
    ]
    services = services_of(evaluators)
    groups = Groups(range(len(machines)))
    first, second = (service_rows(one, groups, services) for one in evaluators)
    gained, lost = _more(second, first), _more(first, second)
    changed = _concerned(gained) | _concerned(lost)
    count = len(machines)
    return BlastRadius(
        machines=count,
        pairs=count * (count - 1),
        gained_pairs=_count(gained),
        lost_pairs=_count(lost),
        changed_machines=changed.bit_count(),
        cut_off_machines=(_connected(first[SEEN]) & ~_connected(second[SEEN])).bit_count(),
    )


def _more(some: Mapping[Service, Rows], others: Mapping[Service, Rows]) -> Rows:
    """For each machine the others that it reaches or sees in `some` and not in `others`."""
    more: Rows = {}
    for service, rows in some.items():
        for source, row in rows.items():
            left = row & ~others[service].get(source, 0) & ~(1 << source)
            if left:
                more[source] = more.get(source, 0) | left
    return more


def _count(rows: Rows) -> int:
    return sum(row.bit_count() for row in rows.values())


def _concerned(rows: Rows) -> Bits:
    concerned = 0
    for source, row in rows.items():
        concerned |= (1 << source) | row
    return concerned


def _connected(rows: Rows) -> Bits:
    return _concerned(
        {source: row for source, every in rows.items() if (row := every & ~(1 << source))}
    )
