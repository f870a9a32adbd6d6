"""Work on many machines: one command at a time, and the brakes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from network import bulk, operations
from network.headscale.simulator import control
from network.headscale.simulator import faults as f
from network.headscale.simulator.faults import Fault
from network.models import BulkItem, BulkJob, HeadscaleCommand, MachineProfile
from network.operations import BulkOrder, NetworkConflictError
from network.states import BulkState, CommandKind, CommandState, Priority
from network.tests.changes import know_tag
from network.tests.lanes import ACTOR, Lane
from network.tests.situations import NOW, make_pharmacy
from pharmacies.access.actor import Actor
from pharmacies.access.models import AuditEvent
from pharmacies.tenancy import TenantContext, tenant_context


@pytest.fixture
def many(lane: Lane) -> Lane:
    """Five machines in place of two, all of the pharmacy."""
    for number in (3, 4, 5):
        control.join(lane.config, f"pc-{number}", "site-one")
    lane.synchronise()
    return lane


def order(lane: Lane, kind: CommandKind = CommandKind.EXPIRE_NODE, **values: Any) -> BulkOrder:
    ids = MachineProfile.objects.filter(gone_at=None).order_by("pk").values_list("pk", flat=True)
    return BulkOrder(kind=kind, machine_ids=list(ids), **values)


def start(lane: Lane, wanted: BulkOrder | None = None) -> BulkJob:
    return operations.start_bulk(actor=ACTOR, at=lane.clock(), order=wanted or order(lane))


def turns(lane: Lane) -> Iterator[HeadscaleCommand]:
    """Advance and carry out until there is nothing to do."""
    while numbers := bulk.advance(clock=lane.clock):
        for number in numbers:
            command = HeadscaleCommand.objects.get(pk=number)
            lane.execute(command)
            command.refresh_from_db()
            yield command


def fresh(job: BulkJob) -> BulkJob:
    job.refresh_from_db()
    return job


def test_every_machine_has_its_turn_and_a_result(many: Lane) -> None:
    job = start(many)

    commands = list(turns(many))

    assert [command.state for command in commands] == ["SUCCEEDED"] * 5
    assert {command.priority for command in commands} == {Priority.BULK}
    assert {effect["id"] for effect in many.effects()} == {1, 2, 3, 4, 5}
    assert (fresh(job).state, job.finished_at) == (BulkState.DONE, NOW)
    assert BulkItem.objects.filter(job=job, command__state="SUCCEEDED").count() == 5


def test_one_command_at_a_time(many: Lane) -> None:
    start(many)

    assert len(bulk.advance(clock=many.clock)) == 1
    assert bulk.advance(clock=many.clock) == []


def test_whatever_a_person_presses_goes_first(many: Lane) -> None:
    start(many)
    (number,) = bulk.advance(clock=many.clock)
    pressed = many.rename("till")

    many.execute(HeadscaleCommand.objects.get(pk=number))

    pressed.refresh_from_db()
    assert pressed.state == CommandState.SUCCEEDED
    assert HeadscaleCommand.objects.get(pk=number).state != CommandState.SUCCEEDED


def test_the_pace_is_kept(many: Lane) -> None:
    start(many, order(many, pace_s=30))
    (number,) = bulk.advance(clock=many.clock)
    many.execute(HeadscaleCommand.objects.get(pk=number))

    many.move(29)
    assert bulk.advance(clock=many.clock) == []
    many.move(2)
    assert len(bulk.advance(clock=many.clock)) == 1


def test_a_pause_holds_and_a_stop_takes_back_what_waits(many: Lane) -> None:
    job = start(many)
    (number,) = bulk.advance(clock=many.clock)
    operations.pause_bulk(actor=ACTOR, at=NOW, job_id=job.pk)
    many.execute(HeadscaleCommand.objects.get(pk=number))
    assert bulk.advance(clock=many.clock) == []

    operations.resume_bulk(actor=ACTOR, at=NOW, job_id=job.pk)
    (second,) = bulk.advance(clock=many.clock)
    operations.stop_bulk(actor=ACTOR, at=NOW, job_id=job.pk)

    assert HeadscaleCommand.objects.get(pk=second).state == CommandState.CANCELLED
    assert bulk.advance(clock=many.clock) == []
    assert (fresh(job).state, len(many.effects())) == (BulkState.STOPPED, 1)


@pytest.mark.parametrize(
    ("state", "operation", "code"),
    [
        (BulkState.DONE, operations.pause_bulk, "bulk_not_running"),
        (BulkState.RUNNING, operations.resume_bulk, "bulk_not_paused"),
        (BulkState.STOPPED, operations.stop_bulk, "bulk_over"),
    ],
)
def test_a_brake_at_the_wrong_time_is_refused(
    many: Lane, state: BulkState, operation: Any, code: str
) -> None:
    job = start(many)
    BulkJob.objects.filter(pk=job.pk).update(state=state)

    with pytest.raises(NetworkConflictError) as caught:
        operation(actor=ACTOR, at=NOW, job_id=job.pk)

    assert caught.value.code == code
    assert fresh(job).state == state


def test_it_pauses_itself_before_everything_has_failed(many: Lane) -> None:
    job = start(many)
    many.fail(Fault(f.DOWN))

    failed = list(turns(many))

    assert [command.state for command in failed] == ["FAILED"] * 3
    assert (fresh(job).state, job.paused_by_failures) == (BulkState.PAUSED, True)

    many.fail()
    many.move(1)
    operations.resume_bulk(actor=ACTOR, at=many.clock(), job_id=job.pk)
    assert [command.state for command in turns(many)] == ["SUCCEEDED"] * 2
    assert (fresh(job).state, job.paused_by_failures) == (BulkState.DONE, False)


def test_tags_are_worked_out_when_the_turn_comes(many: Lane) -> None:
    know_tag(many)
    many.forget()
    MachineProfile.objects.filter(node_id=3).update(tags=["tag:pos"])
    wanted = order(many, CommandKind.SET_TAGS, add=("tag:pos",))

    plan = operations.plan_bulk(actor=ACTOR, at=NOW, order=wanted)
    assert [item.skipped for item in plan if item.machine.node_id == 3] == [
        "이미 그런 태그를 가지고 있습니다."
    ]
    start(many, wanted)
    list(turns(many))

    assert [effect["id"] for effect in many.effects()] == [1, 2, 4, 5]


def test_the_last_tag_stays_where_the_release_keeps_it(many: Lane) -> None:
    MachineProfile.objects.update(tags=["tag:pos"])
    wanted = order(many, CommandKind.SET_TAGS, remove=("tag:pos",))

    with pytest.raises(NetworkConflictError) as caught:
        start(many, wanted)

    assert caught.value.code == "nothing_to_do"


def test_names_are_suggested_and_never_twice(many: Lane) -> None:
    MachineProfile.objects.filter(node_id__in=(1, 2)).update(role="COUNTER")

    plan = operations.plan_bulk(actor=ACTOR, at=NOW, order=order(many, CommandKind.RENAME_NODE))
    names = [item.own["new_name"] for item in plan]
    start(many, order(many, CommandKind.RENAME_NODE))
    list(turns(many))

    pharmacy = f"p{many.link.pharmacy_id:04d}"
    assert {f"{pharmacy}-counter-1", f"{pharmacy}-counter-2"} <= set(names)
    assert len(set(names)) == 5
    assert {many.machine(number).name for number in range(1, 6)} == set(names)


def test_a_machine_that_left_meanwhile_is_skipped(many: Lane) -> None:
    job = start(many)
    MachineProfile.objects.filter(node_id=1).update(gone_at=NOW)

    assert len(list(turns(many))) == 4
    skipped = BulkItem.objects.get(job=job, machine__node_id=1)
    assert (skipped.command_id, skipped.skipped) == (None, "이미 목록에 없는 머신입니다.")


def test_a_machine_of_another_company_by_now_is_skipped(many: Lane) -> None:
    job = start(many)
    other = make_pharmacy(9, "BETA")
    MachineProfile.objects.filter(node_id=2).update(pharmacy=other, company_code="BETA")

    assert len(list(turns(many))) == 4
    assert "회사" in BulkItem.objects.get(job=job, machine__node_id=2).skipped


def test_a_job_of_one_company_is_that_companys(many: Lane) -> None:
    wanted = replace(order(many), machine_ids=[many.machine(1).pk, many.machine(2).pk])
    mine = Actor(label="ok", grants={"ALPHA": frozenset({"machines:expire"})})

    job = operations.start_bulk(actor=mine, at=NOW, order=wanted)

    assert job.company_code == "ALPHA"
    event = AuditEvent.objects.get(action="bulk.start")
    assert (event.actor_label, event.company_code) == ("ok", "ALPHA")
    with tenant_context(TenantContext(frozenset({"BETA"}))):
        with pytest.raises(BulkJob.DoesNotExist):
            operations.stop_bulk(actor=ACTOR, at=NOW, job_id=job.pk)
        assert not BulkItem.objects.exists()


def test_without_the_right_for_each_machine_nothing_is_written(many: Lane) -> None:
    MachineProfile.objects.filter(node_id=5).update(company_code=None, pharmacy=None)
    mine = Actor(label="one", grants={"ALPHA": frozenset({"machines:expire"})})
    other = Actor(label="other", grants={None: frozenset({"machines:rename"})})

    for actor in (mine, other):
        with pytest.raises(PermissionDenied):
            operations.start_bulk(actor=actor, at=NOW, order=order(many))

    job = start(many)
    for brake in (operations.pause_bulk, operations.resume_bulk, operations.stop_bulk):
        with pytest.raises(PermissionDenied):
            brake(actor=other, at=NOW, job_id=job.pk)
    assert (BulkJob.objects.count(), fresh(job).state) == (1, BulkState.RUNNING)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": CommandKind.MOVE_NODE},
        {"machine_ids": []},
        {"machine_ids": list(range(1, 1002))},
        {"pace_s": -1.0},
        {"pace_s": float("nan")},
        {"kind": CommandKind.SET_TAGS},
        {"kind": CommandKind.SET_TAGS, "add": ("-f",)},
    ],
)
def test_a_wrong_order_is_refused(many: Lane, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        start(many, replace(order(many), **values))

    assert not BulkJob.objects.exists()


def test_a_machine_that_is_not_there_refuses_the_whole_order(many: Lane) -> None:
    with pytest.raises(MachineProfile.DoesNotExist):
        start(many, replace(order(many), machine_ids=[many.machine(1).pk, 999_999]))

    assert not BulkJob.objects.exists()


def test_nothing_running_costs_one_query(many: Lane, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        assert bulk.advance(clock=lambda: NOW + timedelta(days=1)) == []
