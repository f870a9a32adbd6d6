"""Lists that are not believed at first: for how long they are held, and who ends it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from network import queries
from network.headscale.client import UnreachableError
from network.models import (
    HeadscaleServer,
    MachineTransition,
)
from network.states import SyncOutcome
from network.tests.situations import (
    NOW,
    Clock,
    machine,
    machines,
    picture,
    told,
)

pytestmark = pytest.mark.usefixtures("platform")


def test_keys_replaced_all_at_once_change_no_machine(server: HeadscaleServer, clock: Clock) -> None:
    others = [machine(n, machine_key=f"mkey:other{n}") for n in range(1, 11)]
    told(server, clock, machines(10))
    before = picture()

    (run,) = told(server, clock, others)

    assert (run.outcome, run.error_code) == (SyncOutcome.HELD, "partial")
    assert picture() == before


def test_a_person_can_accept_what_is_held(server: HeadscaleServer, clock: Clock) -> None:
    told(server, clock, machines(10), machines(5))

    HeadscaleServer.objects.update(hold_decision="ACCEPTED")
    (run,) = told(server, clock, machines(5))

    assert run.outcome == SyncOutcome.APPLIED
    assert queries.machines(at=clock()).count() == 5
    server.refresh_from_db()
    assert (server.held_since_at, server.hold_decision) == (None, "")


def test_what_a_person_dismissed_stays_held_until_it_looks_well(
    server: HeadscaleServer, clock: Clock
) -> None:
    told(server, clock, machines(10), machines(10, online=0))
    HeadscaleServer.objects.update(hold_decision="DISMISSED")

    runs = told(server, clock, *(machines(10, online=0) for _ in range(6)), machines(10, online=9))

    assert [run.outcome for run in runs] == [*(SyncOutcome.HELD,) * 6, SyncOutcome.APPLIED]
    server.refresh_from_db()
    assert (server.held_since_at, server.hold_decision) == (None, "")
    assert queries.machine_counts(at=clock()) == {"ONLINE": 9, "OFFLINE": 1}


@pytest.mark.parametrize("number", [2, 450])
def test_a_restart_is_held_for_its_grace_and_then_believed(
    server: HeadscaleServer, clock: Clock, number: int
) -> None:
    dark = machines(number, online=0)
    told(server, clock, machines(number))
    before = picture()

    held = told(server, clock, dark, dark, dark)
    assert picture() == before
    (applied,) = told(server, clock, dark)

    assert {(run.outcome, run.error_code) for run in held} == {(SyncOutcome.HELD, "all_offline")}
    assert applied.outcome == SyncOutcome.APPLIED
    assert queries.machine_counts(at=clock()) == {"OFFLINE": number}


def test_machines_that_come_back_in_time_were_never_offline(
    server: HeadscaleServer, clock: Clock
) -> None:
    dark = machines(3, online=0)

    told(server, clock, machines(3), dark, machines(3), dark, dark)

    assert not MachineTransition.objects.filter(to_state="OFFLINE").exists()
    server.refresh_from_db()
    assert server.held_since_at == NOW + timedelta(seconds=30)


def test_a_second_restart_has_a_grace_of_its_own(server: HeadscaleServer, clock: Clock) -> None:
    dark = machines(3, online=0)
    away = [UnreachableError("down")] * 5
    told(server, clock, machines(3), dark, *away)

    (run,) = told(server, clock, dark)

    assert (run.outcome, run.error_code) == (SyncOutcome.HELD, "all_offline")
    assert not MachineTransition.objects.filter(to_state="OFFLINE").exists()


def test_a_hold_for_another_reason_is_no_part_of_the_grace(
    server: HeadscaleServer, clock: Clock
) -> None:
    told(server, clock, machines(10), *[machines(5)] * 6)

    (run,) = told(server, clock, machines(10, online=0))

    assert (run.outcome, run.error_code) == (SyncOutcome.HELD, "all_offline")
