"""Stores what a believed list says: machines, their intervals, and the changes to be judged."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from network.headscale.types import Node
from network.models import (
    HeadscaleCommand,
    MachineProfile,
    MachineState,
    MachineTransition,
    PharmacyLink,
    SyncRun,
)
from network.presence import EXPIRED, Comparison, Known, Transition, seen_columns, state_of
from network.states import CommandKind, CommandState, StateCause
from pharmacies.hangul import initials

# In the order of `presence.seen_columns`.
COLUMNS = (
    "name",
    "hostname",
    "user_name",
    "headscale_user_id",
    "online",
    "expires_at",
    "last_seen_at",
    "joined_at",
    "addresses",
    "tags",
    "announced_routes",
    "approved_routes",
    "serving_routes",
    "preauth_key_id",
)
# A login that ended this soon after our command ended because of it.
_RECENT_COMMAND = timedelta(minutes=15)
_INITIALS_LIMIT = 255


@dataclass(frozen=True, slots=True)
class Applied:
    """A list that is being stored: its run, and why a state of it may differ from the last."""

    run: SyncRun
    accepted: bool = False
    after_gap: bool = False


def known_machines(server_id: int) -> dict[int, Known]:
    rows = MachineProfile.objects.filter(server_id=server_id, gone_at=None).values_list(
        "node_id", "id", "machine_key", "state", *COLUMNS
    )
    online = 4 + COLUMNS.index("online")
    return {
        row[0]: Known(
            row=row[1], machine_key=row[2], state=row[3], online=row[online], seen=row[4:]
        )
        for row in rows
    }


def store(comparison: Comparison, applied: Applied) -> None:
    """Store what differs, in the caller's transaction."""
    _retire(comparison.gone, applied.run)
    _update(comparison, applied)
    _add(comparison, applied)


def _retire(gone: tuple[int, ...], run: SyncRun) -> None:
    if not gone:
        return
    MachineProfile.objects.filter(pk__in=gone).update(gone_at=run.started_at, online=False)
    _close_intervals(gone, run.started_at)


def _update(comparison: Comparison, applied: Applied) -> None:
    """Write the changed machines, and only the columns in which any of them differs."""
    if not comparison.changed:
        return
    at = applied.run.started_at
    moved = {t.row for t in comparison.transitions if t.row is not None}
    machines = {
        machine.pk: machine
        for machine in MachineProfile.objects.filter(pk__in=[row for row, _ in comparison.changed])
    }
    differing: set[str] = set()
    for row, node in comparison.changed:
        differing |= _fill(machines[row], node)
        if row in moved:
            machines[row].state = state_of(node, at)
            machines[row].state_since_at = at
            differing |= {"state", "state_since_at"}
    MachineProfile.objects.bulk_update(machines.values(), sorted(differing))
    _record_transitions([t for t in comparison.transitions if t.row is not None], applied)


def _fill(machine: MachineProfile, node: Node) -> set[str]:
    """Put the engine's columns into a row; returns the names of those that differ."""
    differing = set()
    for column, value in zip(COLUMNS, seen_columns(node), strict=True):
        if getattr(machine, column) != value:
            setattr(machine, column, value)
            differing.add(column)
    if differing & {"name", "hostname"}:
        machine.initials = initials(f"{machine.name} {machine.hostname}")[:_INITIALS_LIMIT]
        differing.add("initials")
    return differing


def _add(comparison: Comparison, applied: Applied) -> None:
    if not comparison.new:
        return
    run, owners = applied.run, _owners(applied.run.server_id)
    machines = MachineProfile.objects.bulk_create(
        [_new_machine(node, run, owners) for node in comparison.new]
    )
    numbers = {machine.node_id: machine.pk for machine in machines}
    joined = [
        Transition(numbers[t.node_id], t.node_id, t.from_state, t.to_state)
        for t in comparison.transitions
        if t.row is None
    ]
    _record_transitions(joined, applied)


def _owners(server_id: int) -> dict[int, tuple[int, str]]:
    """Return Headscale user id → (pharmacy, company); by id, because names collide."""
    links = PharmacyLink.objects.filter(server_id=server_id)
    return {
        user: (pharmacy, company)
        for user, pharmacy, company in links.values_list(
            "headscale_user_id", "pharmacy_id", "company_code"
        )
    }


def _new_machine(node: Node, run: SyncRun, owners: dict[int, tuple[int, str]]) -> MachineProfile:
    pharmacy_id, company_code = owners.get(node.user.id if node.user else 0, (None, None))
    machine = MachineProfile(
        server_id=run.server_id,
        node_id=node.id,
        machine_key=node.machine_key,
        pharmacy_id=pharmacy_id,
        company_code=company_code,
        state=state_of(node, run.started_at),
        state_since_at=run.started_at,
        first_seen_at=run.started_at,
    )
    _fill(machine, node)
    return machine


def _record_transitions(transitions: list[Transition], applied: Applied) -> None:
    """Close and open the intervals, and leave a row for whoever judges the change."""
    moves = [(t.row, t) for t in transitions if t.row is not None]
    if not moves:
        return
    run, ended_by_us = applied.run, _logins_we_ended(transitions, applied)
    _close_intervals([row for row, t in moves if t.from_state], run.started_at)
    MachineState.objects.bulk_create(
        MachineState(
            machine_id=row,
            state=t.to_state,
            started_at=run.started_at,
            generation=run.generation,
            cause=StateCause.COMMAND if row in ended_by_us else _cause(t, applied),
        )
        for row, t in moves
    )
    MachineTransition.objects.bulk_create(
        MachineTransition(
            machine_id=row,
            from_state=t.from_state,
            to_state=t.to_state,
            at=run.started_at,
            generation=run.generation,
        )
        for row, t in moves
    )


def _cause(transition: Transition, applied: Applied) -> StateCause:
    if not transition.from_state:
        return StateCause.FIRST_SEEN
    if transition.to_state == EXPIRED:
        return StateCause.EXPIRY
    if applied.accepted:
        return StateCause.ACCEPTED
    return StateCause.AFTER_GAP if applied.after_gap else StateCause.ENGINE


def _logins_we_ended(transitions: list[Transition], applied: Applied) -> set[int | None]:
    """Return the machines whose login ended because somebody here asked for it."""
    expired = [t.row for t in transitions if t.to_state == EXPIRED and t.row is not None]
    if not expired:
        return set()
    asked = HeadscaleCommand.objects.filter(
        kind=CommandKind.EXPIRE_NODE,
        state=CommandState.SUCCEEDED,
        machine_id__in=expired,
        finished_at__gte=applied.run.started_at - _RECENT_COMMAND,
    )
    return set(asked.values_list("machine_id", flat=True))


def _close_intervals(rows: Collection[int], at: datetime) -> None:
    if rows:
        MachineState.objects.filter(machine_id__in=rows, ended_at=None).update(ended_at=at)
