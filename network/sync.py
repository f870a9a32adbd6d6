"""One synchronisation: ask once, judge, compare, store all or nothing, leave transitions behind."""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import ExpressionWrapper, F, Q, Value
from django.db.models.fields import DateTimeField
from django.db.models.functions import Coalesce, Now

from network.headscale.client import HeadscaleClient, HeadscaleError
from network.headscale.sizes import message_bytes
from network.headscale.types import Node
from network.models import HeadscaleServer, SyncGap, SyncRun
from network.picture import Applied, known_machines, store
from network.presence import (
    PASSING,
    Comparison,
    Decision,
    Hold,
    Verdict,
    compare,
    guard,
    is_confirmed,
)
from network.states import SyncOutcome
from pharmacies.tenancy import platform_context, tenant_transaction

logger = logging.getLogger(__name__)

_LEASE_MARGIN_S = 15
# More than the guard ever asks for.
_RECENT_RUNS = 10
_DARK_RUNS = {(SyncOutcome.HELD, verdict.value) for verdict in PASSING}


def synchronise(
    *,
    server_id: int,
    client: HeadscaleClient,
    clock: Callable[[], datetime],
) -> SyncRun | None:
    """Bring the picture of one server up to date; returns None when another run has the lease.

    An answer that fails, is incomplete or implausible changes no machine: only the age of the
    picture grows. What a person decided of a held list (see `operations.accept_list`) is followed.
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
            _store(run, nodes)
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


def _store(run: SyncRun, nodes: tuple[Node, ...]) -> None:
    started = time.monotonic()
    run.machines, run.online = len(nodes), sum(node.online for node in nodes)
    run.list_bytes = message_bytes(nodes)
    with tenant_transaction():
        known, hold = known_machines(run.server_id), _hold_so_far(run.server)
        verdict = guard(
            known,
            nodes,
            at=run.started_at,
            hold=hold,
            grace_s=settings.FARMQ_RESTART_GRACE_S,
        )
        if verdict is Verdict.APPLY:
            accepted = hold.decision is Decision.ACCEPTED
            _apply(run, compare(known, nodes, run.started_at), accepted=accepted)
        else:
            passing = verdict in PASSING
            _hold(run, verdict, hold.since_at if passing else run.server.held_since_at)
        run.seconds = time.monotonic() - started
        run.save(force_insert=True)


def _hold_so_far(server: HeadscaleServer) -> Hold:
    """Return the unbroken row of lists that looked as if a server had just started.

    A list that was held for another reason, or a failure in between, begins a new grace: the
    engine may have been restarted again.
    """
    decision = Decision(server.hold_decision)
    if server.held_since_at is None:
        return Hold()
    runs = SyncRun.objects.filter(server=server).exclude(outcome=SyncOutcome.STALE)
    recent = runs.order_by("-pk").values_list("outcome", "error_code")[:_RECENT_RUNS]
    dark = list(itertools.takewhile(lambda run: run in _DARK_RUNS, recent))
    return Hold(server.held_since_at if dark else None, len(dark), decision)


def _hold(run: SyncRun, verdict: Verdict, since_at: datetime | None) -> None:
    run.outcome, run.error_code = SyncOutcome.HELD, verdict.value
    HeadscaleServer.objects.filter(pk=run.server_id, generation=run.generation).update(
        held_since_at=since_at or run.started_at,
        failing_since_at=None,
        sync_lease_until_at=None,
    )


def _apply(run: SyncRun, comparison: Comparison, *, accepted: bool) -> None:
    """Store a believed list, unless a newer picture (or a finished change) came in between."""
    current = HeadscaleServer.objects.filter(
        pk=run.server_id, applied_generation__lt=run.generation
    ).update(
        applied_generation=run.generation,
        confirmed_at=run.started_at,
        failing_since_at=None,
        held_since_at=None,
        hold_decision="",
        sync_lease_until_at=None,
    )
    if not current:
        run.outcome = SyncOutcome.STALE
        HeadscaleServer.objects.filter(pk=run.server_id, generation=run.generation).update(
            sync_lease_until_at=None
        )
        return
    run.outcome, run.changes = SyncOutcome.APPLIED, comparison.size
    after_gap = _end_gap(run)
    if comparison.size:
        store(comparison, Applied(run, accepted=accepted, after_gap=after_gap))


def _end_gap(run: SyncRun) -> bool:
    """Write down the time in which nobody was looking, when this list ends one."""
    before = run.server.confirmed_at
    if before is None or is_confirmed(before, run.started_at, settings.FARMQ_SYNC_INTERVAL):
        return False
    SyncGap.objects.create(server_id=run.server_id, started_at=before, ended_at=run.started_at)
    return True


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
