"""One synchronisation: ask once, judge, compare, store all or nothing, leave transitions behind."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import ExpressionWrapper, F, Q, Value
from django.db.models.fields import DateTimeField
from django.db.models.functions import Coalesce, Now

from network.headscale.client import HeadscaleClient, HeadscaleError
from network.headscale.types import Node
from network.models import (
    HeadscaleServer,
    MachineProfile,
    MachineState,
    MachineTransition,
    PharmacyLink,
    SyncRun,
)
from network.presence import (
    Comparison,
    Known,
    Transition,
    Verdict,
    compare,
    guard,
    seen_columns,
    state_of,
)
from network.states import SyncOutcome
from pharmacies.tenancy import platform_context, tenant_transaction

logger = logging.getLogger(__name__)

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
)
_LEASE_MARGIN_S = 15


def synchronise(
    *,
    server_id: int,
    client: HeadscaleClient,
    clock: Callable[[], datetime],
    accept: bool = False,
) -> SyncRun | None:
    """Bring the picture of one server up to date; returns None when another run has the lease.

    An answer that fails, is incomplete or implausible changes no machine: only the age of the
    picture grows. With `accept` a person takes the list as it is, whatever the guard says.
    """
    with platform_context():
        server = _claim(server_id)
        if server is None:
            return None
        run = SyncRun(server=server, generation=server.generation, started_at=clock())
        started = time.monotonic()
        try:
            nodes = client.nodes()
        except HeadscaleError as error:
            run.engine_seconds = time.monotonic() - started
            _record_failure(run, error)
        else:
            run.engine_seconds = time.monotonic() - started
            _store(run, nodes, accept=accept)
        _log(run)
        return run


def _claim(server_id: int) -> HeadscaleServer | None:
    """Take the server's lease by the database's clock and number this run."""
    lease = timedelta(seconds=settings.FARMQ_READ_TIMEOUT + _LEASE_MARGIN_S)
    until = ExpressionWrapper(Now() + Value(lease), output_field=DateTimeField())
    free = Q(sync_lease_until_at=None) | Q(sync_lease_until_at__lt=Now())
    claimed = HeadscaleServer.objects.filter(free, pk=server_id).update(
        generation=F("generation") + 1, sync_lease_until_at=until
    )
    return HeadscaleServer.objects.get(pk=server_id) if claimed else None


def _record_failure(run: SyncRun, error: HeadscaleError) -> None:
    run.outcome, run.error_code, run.engine = SyncOutcome.FAILED, error.code, error.engine
    with tenant_transaction():
        HeadscaleServer.objects.filter(pk=run.server_id, generation=run.generation).update(
            failing_since_at=Coalesce(F("failing_since_at"), Value(run.started_at)),
            sync_lease_until_at=None,
        )
        run.save(force_insert=True)


def _store(run: SyncRun, nodes: tuple[Node, ...], *, accept: bool) -> None:
    started = time.monotonic()
    run.machines, run.online = len(nodes), sum(node.online for node in nodes)
    with tenant_transaction():
        known = _known(run.server_id)
        dark_since_at = _dark_since(run.server)
        verdict = guard(
            known,
            nodes,
            at=run.started_at,
            held_since_at=dark_since_at,
            grace_s=settings.FARMQ_RESTART_GRACE_S,
        )
        if verdict is Verdict.APPLY or accept:
            _apply(run, compare(known, nodes, run.started_at))
        else:
            restart = verdict is Verdict.HOLD_RESTART
            _hold(run, verdict, dark_since_at if restart else run.server.held_since_at)
        run.seconds = time.monotonic() - started
        run.save(force_insert=True)


def _known(server_id: int) -> dict[int, Known]:
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


def _dark_since(server: HeadscaleServer) -> datetime | None:
    """Return when an unbroken row of lists began in which nobody was online.

    A list that was held for another reason, or a failure in between, begins a new grace: the
    engine may have been restarted again.
    """
    if server.held_since_at is None:
        return None
    runs = SyncRun.objects.filter(server=server).exclude(outcome=SyncOutcome.STALE)
    last = runs.order_by("-pk").values_list("outcome", "error_code").first()
    dark = last == (SyncOutcome.HELD, Verdict.HOLD_RESTART.value)
    return server.held_since_at if dark else None


def _hold(run: SyncRun, verdict: Verdict, since_at: datetime | None) -> None:
    run.outcome, run.error_code = SyncOutcome.HELD, verdict.value
    HeadscaleServer.objects.filter(pk=run.server_id, generation=run.generation).update(
        held_since_at=since_at or run.started_at,
        failing_since_at=None,
        sync_lease_until_at=None,
    )


def _apply(run: SyncRun, comparison: Comparison) -> None:
    """Store a believed list, unless a newer picture (or a finished change) came in between."""
    current = HeadscaleServer.objects.filter(
        pk=run.server_id, applied_generation__lt=run.generation
    ).update(
        applied_generation=run.generation,
        confirmed_at=run.started_at,
        failing_since_at=None,
        held_since_at=None,
        sync_lease_until_at=None,
    )
    if not current:
        run.outcome = SyncOutcome.STALE
        HeadscaleServer.objects.filter(pk=run.server_id, generation=run.generation).update(
            sync_lease_until_at=None
        )
        return
    run.outcome, run.changes = SyncOutcome.APPLIED, comparison.size
    if comparison.size:
        _retire(comparison.gone, run)
        _update(comparison, run)
        _add(comparison, run)


def _retire(gone: tuple[int, ...], run: SyncRun) -> None:
    if not gone:
        return
    MachineProfile.objects.filter(pk__in=gone).update(gone_at=run.started_at, online=False)
    _close_intervals(gone, run.started_at)


def _update(comparison: Comparison, run: SyncRun) -> None:
    """Write the changed machines, and only the columns in which any of them differs."""
    if not comparison.changed:
        return
    moved = {t.row for t in comparison.transitions if t.row is not None}
    machines = {
        machine.pk: machine
        for machine in MachineProfile.objects.filter(pk__in=[row for row, _ in comparison.changed])
    }
    differing: set[str] = set()
    for row, node in comparison.changed:
        differing |= _fill(machines[row], node)
        if row in moved:
            machines[row].state = state_of(node, run.started_at)
            machines[row].state_since_at = run.started_at
            differing |= {"state", "state_since_at"}
    MachineProfile.objects.bulk_update(machines.values(), sorted(differing))
    _record_transitions([t for t in comparison.transitions if t.row is not None], run)


def _fill(machine: MachineProfile, node: Node) -> set[str]:
    """Put the engine's columns into a row; returns the names of those that differ."""
    differing = set()
    for column, value in zip(COLUMNS, seen_columns(node), strict=True):
        if getattr(machine, column) != value:
            setattr(machine, column, value)
            differing.add(column)
    return differing


def _add(comparison: Comparison, run: SyncRun) -> None:
    if not comparison.new:
        return
    owners = _owners(run.server_id)
    machines = MachineProfile.objects.bulk_create(
        [_new_machine(node, run, owners) for node in comparison.new]
    )
    numbers = {machine.node_id: machine.pk for machine in machines}
    joined = [
        Transition(numbers[t.node_id], t.node_id, t.from_state, t.to_state)
        for t in comparison.transitions
        if t.row is None
    ]
    _record_transitions(joined, run)


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


def _record_transitions(transitions: list[Transition], run: SyncRun) -> None:
    """Close and open the intervals, and leave a row for whoever judges the change."""
    moves = [(t.row, t) for t in transitions if t.row is not None]
    if not moves:
        return
    _close_intervals([row for row, t in moves if t.from_state], run.started_at)
    MachineState.objects.bulk_create(
        MachineState(
            machine_id=row, state=t.to_state, started_at=run.started_at, generation=run.generation
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


def _close_intervals(rows: Collection[int], at: datetime) -> None:
    if rows:
        MachineState.objects.filter(machine_id__in=rows, ended_at=None).update(ended_at=at)


def _log(run: SyncRun) -> None:
    level = logging.INFO if run.outcome == SyncOutcome.APPLIED else logging.WARNING
    logger.log(
        level,
        "synchronisation",
        extra={
            "server": run.server.slug,
            "sync_id": run.generation,
            "outcome": run.outcome,
            "machines": run.machines,
            "online": run.online,
            "changes": run.changes,
            "error_code": run.error_code,
            "engine_seconds": round(run.engine_seconds, 3),
            "seconds": round(run.seconds, 3),
        },
    )
