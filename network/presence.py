"""Pure: what a complete list means against what we knew. No Django, no clock, no engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from network.headscale.types import Node

EXPIRED, ONLINE, OFFLINE, UNKNOWN = "EXPIRED", "ONLINE", "OFFLINE", "UNKNOWN"
MISSED_INTERVALS = 3
_VANISHED_AT_LEAST = 3
_VANISHED_SHARE = 0.1
_RESTART_AT_LEAST = 2
_DARK_AT_LEAST = 5
_DARK_SHARE = 0.2
_CONSISTENT_LISTS = 3


@dataclass(frozen=True, slots=True)
class Known:
    """A machine as stored: `row` is our number, `seen` the engine's last confirmed answer."""

    row: int
    machine_key: str
    online: bool
    state: str
    seen: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Transition:
    """A machine's change of state; `from_state` is empty for one that is new."""

    row: int | None
    node_id: int
    from_state: str
    to_state: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between the stored picture and a list.

    `new` are machines never seen under this id and key, `changed` those of which any stored column
    differs, `gone` our numbers of machines that are no longer listed (or whose key is another's).
    """

    new: tuple[Node, ...]
    changed: tuple[tuple[int, Node], ...]
    gone: tuple[int, ...]
    transitions: tuple[Transition, ...]

    @property
    def size(self) -> int:
        return len(self.new) + len(self.changed) + len(self.gone)


class Verdict(Enum):
    """Whether a complete list may be applied, and why not."""

    APPLY = "apply"
    HOLD_RESTART = "all_offline"
    HOLD_MASS = "mass_offline"
    HOLD_EMPTY = "empty"
    HOLD_PARTIAL = "partial"


# These resolve themselves: clients come back, or it proves true. The others need a person.
PASSING = frozenset({Verdict.HOLD_RESTART, Verdict.HOLD_MASS})


class Decision(Enum):
    """What a person has said of the list that is held now."""

    NONE = ""
    ACCEPTED = "ACCEPTED"
    DISMISSED = "DISMISSED"


@dataclass(frozen=True, slots=True)
class Hold:
    """The darkness so far: since when lists are held for it, how many, and what a person said."""

    since_at: datetime | None = None
    lists: int = 0
    decision: Decision = Decision.NONE


def state_of(node: Node, at: datetime) -> str:
    """Say what a confirmed answer means: expired wins over online, online over offline."""
    if node.expires_at is not None and node.expires_at <= at:
        return EXPIRED
    return ONLINE if node.online else OFFLINE


def is_confirmed(confirmed_at: datetime | None, at: datetime, interval_s: float) -> bool:
    """Say whether a picture is young enough to be believed: at most three missed intervals."""
    return confirmed_at is not None and confirmed_at >= unknown_before(at, interval_s)


def unknown_before(at: datetime, interval_s: float) -> datetime:
    """Return the time before which a confirmation says nothing about now."""
    return at - timedelta(seconds=MISSED_INTERVALS * interval_s)


def seen_columns(node: Node) -> tuple[object, ...]:
    """Return the stored columns of a machine in one comparable value; see `picture.COLUMNS`."""
    return (
        (node.given_name or node.name)[:255],
        node.name,
        node.user.name if node.user else "",
        node.user.id if node.user else None,
        node.online,
        node.expires_at,
        node.last_seen_at,
        node.created_at,
        list(node.addresses),
        list(node.tags),
        list(node.announced_routes),
        list(node.approved_routes),
        list(node.serving_routes),
        node.pre_auth_key_id,
    )


def guard(
    known: Mapping[int, Known],
    seen: Iterable[Node],
    *,
    at: datetime,
    hold: Hold,
    grace_s: float,
) -> Verdict:
    """Judge a complete list before anything is believed of it.

    An empty list, or one that lacks more than three machines and a tenth of them (another key is
    another machine), is held until a person accepts it. One in which two or more machines were
    online and none is, or in which more than five and a fifth of them went dark at once, is held
    until `grace_s` after the first such list and for at least three of them: a server that has
    just started looks like this, and its clients return one after another. What a person has
    dismissed stays held for as long as it looks like that; what a person accepted is applied.
    """
    if hold.decision is Decision.ACCEPTED:
        return Verdict.APPLY
    nodes = {node.id: node for node in seen}
    if known and not nodes:
        return Verdict.HOLD_EMPTY
    missing = len(_gone(known, nodes))
    if missing > max(_VANISHED_AT_LEAST, _VANISHED_SHARE * len(known)):
        return Verdict.HOLD_PARTIAL
    darkness = _darkness(known, nodes, held=hold.since_at is not None)
    if darkness is Verdict.APPLY or _is_over(hold, at, grace_s):
        return Verdict.APPLY
    return darkness


def _is_over(hold: Hold, at: datetime, grace_s: float) -> bool:
    """Say whether a darkness has lasted long enough, and often enough, to be believed."""
    if hold.since_at is None or hold.decision is Decision.DISMISSED:
        return False
    waited = at - hold.since_at
    return waited >= timedelta(seconds=grace_s) and hold.lists >= _CONSISTENT_LISTS - 1


def _darkness(known: Mapping[int, Known], nodes: Mapping[int, Node], *, held: bool) -> Verdict:
    """Say whether so many machines went dark at once that the list is not believed at first.

    In a hold, clients are still coming back while less than half of them are there.
    """
    were_online = [node_id for node_id, machine in known.items() if machine.online]
    if len(were_online) < _RESTART_AT_LEAST:
        return Verdict.APPLY
    back = sum(1 for node in nodes.values() if node.online)
    if back == 0 or (held and 2 * back < len(were_online)):
        return Verdict.HOLD_RESTART
    dark = sum(1 for node_id in were_online if node_id in nodes and not nodes[node_id].online)
    mass = dark > max(_DARK_AT_LEAST, _DARK_SHARE * len(were_online))
    return Verdict.HOLD_MASS if mass else Verdict.APPLY


def compare(known: Mapping[int, Known], seen: Iterable[Node], at: datetime) -> Comparison:
    """Compare the stored machines (by node id) with a complete list asked for at `at`."""
    nodes = {node.id: node for node in seen}
    new: list[Node] = []
    changed: list[tuple[int, Node]] = []
    transitions: list[Transition] = []
    for node in nodes.values():
        stored = known.get(node.id)
        state = state_of(node, at)
        if stored is None or stored.machine_key != node.machine_key:
            new.append(node)
            transitions.append(Transition(None, node.id, "", state))
            continue
        if stored.state != state:
            transitions.append(Transition(stored.row, node.id, stored.state, state))
        if stored.state != state or stored.seen != seen_columns(node):
            changed.append((stored.row, node))
    return Comparison(tuple(new), tuple(changed), _gone(known, nodes), tuple(transitions))


def _gone(known: Mapping[int, Known], nodes: Mapping[int, Node]) -> tuple[int, ...]:
    return tuple(
        machine.row
        for node_id, machine in known.items()
        if node_id not in nodes or nodes[node_id].machine_key != machine.machine_key
    )
