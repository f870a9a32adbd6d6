"""One synchronisation: what is applied, and that failures change nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from network import queries
from network.headscale.client import TimedOutError, UnreachableError
from network.headscale.simulator import control, journal
from network.headscale.simulator import faults as f
from network.headscale.simulator.config import create, load
from network.headscale.simulator.faults import Fault, set_faults
from network.headscale.simulator.runner import FakeHeadscale
from network.headscale.types import User
from network.models import (
    HeadscaleCommand,
    HeadscaleServer,
    MachineProfile,
    MachineState,
    MachineTransition,
    SyncGap,
    SyncRun,
)
from network.states import SyncOutcome
from network.sync import synchronise
from network.tests.lanes import Lane, make_lane
from network.tests.situations import (
    NOW,
    Clock,
    ToldClient,
    age_s,
    link,
    machine,
    machines,
    make_pharmacy,
    picture,
    simulated_client,
    told,
)

pytestmark = pytest.mark.usefixtures("platform")


def test_the_first_list_is_imported_with_its_states(server: HeadscaleServer, clock: Clock) -> None:
    (run,) = told(server, clock, machines(3, online=2))

    assert (run.outcome, run.machines, run.online, run.changes) == (SyncOutcome.APPLIED, 3, 2, 3)
    stored = MachineProfile.objects.order_by("node_id")
    assert [(m.node_id, m.name, m.hostname, m.online, m.state) for m in stored] == [
        (1, "pc-1", "PC-1", True, "ONLINE"),
        (2, "pc-2", "PC-2", True, "ONLINE"),
        (3, "pc-3", "PC-3", False, "OFFLINE"),
    ]
    assert {m.state_since_at for m in stored} == {NOW}
    assert MachineState.objects.filter(ended_at=None).count() == 3
    assert MachineTransition.objects.filter(from_state="", judged_at=None).count() == 3


def test_a_change_of_state_closes_one_interval_and_opens_another(
    server: HeadscaleServer, clock: Clock
) -> None:
    told(server, clock, machines(3), machines(3, online=2), machines(3))

    intervals = MachineState.objects.filter(machine__node_id=3).order_by("pk")
    at = [NOW, NOW + timedelta(seconds=10), NOW + timedelta(seconds=20)]
    assert [(i.state, i.started_at, i.ended_at) for i in intervals] == [
        ("ONLINE", at[0], at[1]),
        ("OFFLINE", at[1], at[2]),
        ("ONLINE", at[2], None),
    ]
    moves = MachineTransition.objects.filter(machine__node_id=3).order_by("pk")
    assert [(t.from_state, t.to_state, t.at) for t in moves] == [
        ("", "ONLINE", at[0]),
        ("ONLINE", "OFFLINE", at[1]),
        ("OFFLINE", "ONLINE", at[2]),
    ]
    assert MachineState.objects.filter(ended_at=None).count() == 3


def test_every_column_of_the_engine_follows_it(server: HeadscaleServer, clock: Clock) -> None:
    changed = machine(
        1,
        online=False,
        name="조제실-PC",
        given_name="other",
        user=User(9, "p0009"),
        addresses=("100.64.0.9", "fd7a::9"),
        tags=("tag:a",),
        announced_routes=("10.0.0.0/8",),
        approved_routes=("10.0.0.0/8",),
        serving_routes=("10.0.0.0/8",),
        expires_at=NOW + timedelta(days=9),
        last_seen_at=NOW,
    )

    told(server, clock, [machine(1), machine(2)], [changed, machine(2)])

    stored = MachineProfile.objects.get(node_id=1)
    assert (stored.name, stored.hostname, stored.user_name) == ("other", "조제실-PC", "p0009")
    assert (stored.headscale_user_id, stored.online, stored.tags) == (9, False, ["tag:a"])
    assert stored.addresses == ["100.64.0.9", "fd7a::9"]
    assert stored.announced_routes == stored.approved_routes == stored.serving_routes
    assert (stored.expires_at, stored.last_seen_at) == (NOW + timedelta(days=9), NOW)
    assert MachineProfile.objects.get(node_id=2).name == "pc-2"


def test_a_machine_that_left_is_kept_as_gone(server: HeadscaleServer, clock: Clock) -> None:
    told(server, clock, machines(3), machines(2))

    gone = MachineProfile.objects.get(node_id=3)
    assert (gone.gone_at, gone.online) == (NOW + timedelta(seconds=10), False)
    assert not gone.states.filter(ended_at=None).exists()
    assert queries.machines(at=clock()).count() == 2


def test_a_number_that_comes_back_with_another_key_is_another_machine(
    server: HeadscaleServer, clock: Clock
) -> None:
    told(server, clock, machines(3), [*machines(2), machine(3, machine_key="mkey:other")])

    both = MachineProfile.objects.filter(node_id=3).order_by("pk")
    assert [(m.machine_key, m.gone_at is None) for m in both] == [
        ("mkey:3", False),
        ("mkey:other", True),
    ]


@pytest.mark.parametrize(
    "fault",
    [
        Fault(f.DOWN, verb="nodes list"),
        Fault(f.EXIT1, verb="nodes list"),
        Fault(f.HANG, verb="nodes list"),
        Fault(f.EMPTY, verb="nodes list"),
        Fault(f.GARBAGE, verb="nodes list"),
        Fault(f.GARBAGE, verb="nodes list", text="null"),
        Fault(f.GARBAGE, verb="nodes list", text="[]"),
        Fault(f.GARBAGE, verb="nodes list", text="{}"),
        Fault(f.TRUNCATE, verb="nodes list"),
        Fault(f.TRUNCATE, verb="nodes list", size=1),
        Fault(f.PARTIAL, verb="nodes list"),
        Fault(f.DUPLICATE_IDS, verb="nodes list"),
        Fault(f.ALL_OFFLINE, verb="nodes list"),
    ],
    ids=lambda fault: f"{fault.mode}-{fault.text}{fault.size or ''}",
)
def test_an_answer_that_cannot_be_believed_changes_no_machine(
    server: HeadscaleServer, clock: Clock, tmp_path: Path, fault: Fault
) -> None:
    config = create(tmp_path, pharmacies=5, now=NOW.isoformat())
    client = simulated_client(config, clock)
    synchronise(server_id=server.pk, client=client, clock=clock)
    before = picture()
    set_faults(config, fault)

    for _ in range(3):
        clock.move(10.5)
        run = synchronise(server_id=server.pk, client=client, clock=clock)
        assert run is not None
        assert run.outcome in (SyncOutcome.FAILED, SyncOutcome.HELD)
        assert run.error_code

    assert picture() == before
    assert age_s(server, clock) == pytest.approx(31.5)
    assert set(queries.machine_counts(at=clock())) == {"UNKNOWN"}
    assert not any(queries.get_headscale_online_status(at=clock()).values())


def test_a_time_without_confirmation_is_a_gap_and_no_state(
    server: HeadscaleServer, clock: Clock
) -> None:
    told(server, clock, machines(2), *(UnreachableError() for _ in range(6)), machines(2, online=1))

    (gap,) = SyncGap.objects.filter(server=server)
    assert (gap.started_at, gap.ended_at) == (NOW, NOW + timedelta(seconds=70))
    assert [s.cause for s in MachineState.objects.filter(state="OFFLINE")] == ["AFTER_GAP"]


def test_two_missed_intervals_are_no_gap(server: HeadscaleServer, clock: Clock) -> None:
    told(server, clock, machines(2), UnreachableError(), UnreachableError(), machines(2))

    assert not SyncGap.objects.exists()


def test_the_state_is_believed_for_three_intervals(server: HeadscaleServer, clock: Clock) -> None:
    told(server, clock, machines(2, online=1))

    counts = [queries.machine_counts(at=NOW + timedelta(seconds=s)) for s in (30, 30.5)]

    assert counts == [{"ONLINE": 1, "OFFLINE": 1}, {"UNKNOWN": 2}]


def test_a_failure_is_remembered_since_when_and_healed_by_the_next_list(
    server: HeadscaleServer, clock: Clock
) -> None:
    runs = told(server, clock, machines(2), TimedOutError("slow"), UnreachableError("down"))
    server.refresh_from_db()
    since = server.failing_since_at

    told(server, clock, machines(2))

    server.refresh_from_db()
    assert [run.error_code for run in runs[1:]] == ["engine_timed_out", "engine_unreachable"]
    assert since == NOW + timedelta(seconds=10)
    assert server.failing_since_at is None


def test_a_list_asked_for_before_a_change_is_not_applied_after_it(
    server: HeadscaleServer, clock: Clock
) -> None:
    told(server, clock, machines(2))

    def while_a_command_ends() -> Any:
        newest = HeadscaleServer.objects.get(pk=server.pk).generation
        HeadscaleServer.objects.filter(pk=server.pk).update(applied_generation=newest)
        return machines(2, online=1)

    before = picture()
    (stale,) = told(server, clock, while_a_command_ends)
    after = picture()
    (fresh,) = told(server, clock, machines(2, online=1))

    assert stale.outcome == SyncOutcome.STALE
    assert before == after
    assert fresh.outcome == SyncOutcome.APPLIED


def test_an_old_answer_after_a_new_one_turns_nothing_back(platform: None, tmp_path: Path) -> None:
    lane = make_lane(tmp_path)
    lane.synchronise()
    command = lane.rename("counter-9")
    lane.fail(Fault(f.OLD_ANSWER, verb="nodes list", remaining=1, seconds=5))
    slow = FakeHeadscale(lane.config, meanwhile=lambda: execute_once(lane, command))
    client = simulated_client(lane.config, lane.clock, slow)

    run = synchronise(server_id=lane.server.pk, client=client, clock=lane.clock)

    assert run is not None
    assert (run.outcome, lane.machine().name) == (SyncOutcome.STALE, "counter-9")
    lane.synchronise()
    assert lane.machine().name == "counter-9"


def execute_once(lane: Lane, command: HeadscaleCommand) -> None:
    lane.execute(command)
    command.refresh_from_db()
    assert command.state == "SUCCEEDED"


def test_only_one_synchronisation_of_a_server_at_a_time(
    server: HeadscaleServer, clock: Clock
) -> None:
    second: list[SyncRun | None] = []

    def meanwhile() -> Any:
        second.append(synchronise(server_id=server.pk, client=ToldClient(machines(9)), clock=clock))
        return machines(2)

    (run,) = told(server, clock, meanwhile)

    assert second == [None]
    assert (run.outcome, MachineProfile.objects.count()) == (SyncOutcome.APPLIED, 2)


def test_the_lease_of_a_dead_synchronisation_ends(server: HeadscaleServer, clock: Clock) -> None:
    HeadscaleServer.objects.filter(pk=server.pk).update(
        sync_lease_until_at=NOW - timedelta(days=400)
    )

    (run,) = told(server, clock, machines(1))

    assert run.outcome == SyncOutcome.APPLIED


def test_a_machine_belongs_to_the_pharmacy_of_its_users_number(
    server: HeadscaleServer, clock: Clock
) -> None:
    pharmacy = make_pharmacy(1)
    link(pharmacy, server, 7)
    mine = machine(1, user=User(7, "somebody"))
    namesake = machine(2, user=User(8, "p0007"))
    tagged = machine(3, user=None, tags=("tag:a",))

    told(server, clock, [mine, namesake, tagged])

    owners = MachineProfile.objects.order_by("node_id").values_list("pharmacy", "company_code")
    assert list(owners) == [(pharmacy.pk, "ALPHA"), (None, None), (None, None)]


def test_the_links_of_another_server_own_nothing_here(
    server: HeadscaleServer, clock: Clock
) -> None:
    other = HeadscaleServer.objects.create(slug="other", name="other")
    link(make_pharmacy(1), other, 1)

    told(server, clock, machines(2))

    assert not MachineProfile.objects.exclude(pharmacy=None).exists()


def test_the_same_numbers_on_two_servers_are_two_machines(
    server: HeadscaleServer, clock: Clock
) -> None:
    other = HeadscaleServer.objects.create(slug="other", name="other")

    told(server, clock, machines(2))
    told(other, clock, machines(3, online=0))

    assert MachineProfile.objects.filter(server=server, online=True).count() == 2
    assert MachineProfile.objects.filter(server=other, online=False).count() == 3


def test_online_names_are_those_of_confirmed_true_answers(
    server: HeadscaleServer, clock: Clock
) -> None:
    told(server, clock, [machine(1, given_name="Counter-1"), machine(2, online=False)])

    assert queries.get_headscale_online_status(at=NOW) == {"counter-1": True, "pc-2": False}


def test_an_engine_that_has_everything_already_is_only_read(
    server: HeadscaleServer, clock: Clock, tmp_path: Path
) -> None:
    config = create(tmp_path, now=NOW.isoformat())
    for number in range(1, 4):
        control.join(config, f"pc-{number}", f"stranger{number}")

    for _ in range(3):
        synchronise(server_id=server.pk, client=simulated_client(config, clock), clock=clock)
        clock.move(10)

    entries = journal.read(load(config).journal)
    assert MachineProfile.objects.filter(pharmacy=None, company_code=None).count() == 3
    assert set(MachineProfile.objects.values_list("user_name", flat=True)) == {
        "stranger1",
        "stranger2",
        "stranger3",
    }
    assert journal.effects(entries) == []
    assert {entry.verb for entry in entries} == {"nodes list"}
