"""A synchronisation of a large fleet: what it costs, and a whole day of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from network import queries
from network.headscale.simulator import control
from network.headscale.simulator.config import create, set_now
from network.headscale.types import User
from network.models import HeadscaleServer, MachineState, MachineTransition
from network.states import SyncOutcome
from network.sync import synchronise
from network.tests.situations import (
    NOW,
    Answer,
    Clock,
    machine,
    machines,
    simulated_client,
    told,
)

pytestmark = pytest.mark.usefixtures("platform")


def test_a_thousand_machines_cost_few_statements(server: HeadscaleServer, clock: Clock) -> None:
    before = [machine(n, given_name=f"a-{n}") for n in range(1, 1001)]
    after = [machine(n, given_name=f"b-{n}", online=n % 2 == 0) for n in range(1, 1001)]
    told(server, clock, before)

    unchanged = _statements(server, clock, before)
    changed = _statements(server, clock, after)

    assert unchanged <= 12
    assert changed <= 60
    assert MachineTransition.objects.filter(to_state="OFFLINE").count() == 500


def test_a_thousand_new_machines_cost_few_statements(server: HeadscaleServer, clock: Clock) -> None:
    assert _statements(server, clock, machines(1000)) <= 60


def _statements(server: HeadscaleServer, clock: Clock, answer: Answer) -> int:
    """Count the statements of the list that is applied; one that is doubted comes four times."""
    for _ in range(4):
        with CaptureQueriesContext(connection) as captured:
            (run,) = told(server, clock, answer)
        if run.outcome == SyncOutcome.APPLIED:
            return len(captured)
    raise AssertionError(run.error_code)


def test_every_column_of_a_thousand_machines_costs_few_statements(
    server: HeadscaleServer, clock: Clock
) -> None:
    told(server, clock, machines(1000))
    text = ("10.0.0.0/8",)
    routes: dict[str, Any] = {"announced_routes": text, "approved_routes": text}
    other = [
        machine(
            n,
            online=n == 1,
            given_name=f"x-{n}",
            name=f"X-{n}",
            user=User(n + 1, f"u{n}"),
            addresses=(f"fd7a::{n}",),
            tags=("tag:a",),
            expires_at=NOW + timedelta(days=n),
            last_seen_at=NOW,
            created_at=NOW,
            serving_routes=text,
            **routes,
        )
        for n in range(1, 1001)
    ]

    assert _statements(server, clock, other) <= 60


def test_a_day_of_the_demo_fleet_is_counted_as_it_was(
    server: HeadscaleServer, clock: Clock, tmp_path: Path
) -> None:
    start = NOW.replace(hour=15) - timedelta(days=1)
    config = create(tmp_path, pharmacies=100, now=start.isoformat())
    online: dict[str, int] = {}

    for step in range(49):
        clock.at = start + timedelta(minutes=30 * step)
        assert _believed(server, config, clock)
        truth = control.truth(config, clock.at)
        stored = dict(queries.machines(at=clock.at).values_list("node_id", "online"))
        assert stored == truth
        counts = queries.machine_counts(at=clock.at)
        expired = set(
            queries.machines(at=clock.at)
            .filter(expires_at__lte=clock.at)
            .values_list("node_id", flat=True)
        )
        assert counts.get("ONLINE", 0) == sum(truth.values())
        assert counts.get("EXPIRED", 0) == len(expired)
        assert sum(counts.values()) == len(truth)
        online[f"{start + timedelta(hours=9, minutes=30 * step):%a %H:%M}"] = counts["ONLINE"]

    assert online["Wed 11:00"] > 350
    assert 130 <= online["Wed 03:00"] <= 220
    assert MachineState.objects.filter(ended_at=None).count() == len(truth)


def _believed(server: HeadscaleServer, config: Path, clock: Clock) -> bool:
    """Synchronise until a list is believed: half an hour in one step may look like a restart."""
    client = simulated_client(config, clock)
    for _ in range(4):
        set_now(config, clock.at.isoformat())
        run = synchronise(server_id=server.pk, client=client, clock=clock)
        assert run is not None
        if run.outcome == SyncOutcome.APPLIED:
            return True
        assert run.error_code == "mass_offline"
        clock.move(10)
    return False
