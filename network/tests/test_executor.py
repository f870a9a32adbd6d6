"""A command from its claim to its end, against a simulated engine that keeps a journal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from network import operations
from network.headscale.simulator import control
from network.headscale.simulator import faults as f
from network.headscale.simulator.faults import Fault
from network.models import HeadscaleCommand, HeadscaleServer, MachineProfile, PharmacyLink
from network.states import CommandKind, CommandState
from network.tests.lanes import ACTOR, VERBS, Lane
from network.tests.situations import NOW, make_server
from pharmacies.models import Pharmacy


def owner_of(command: HeadscaleCommand) -> Pharmacy:
    assert command.pharmacy is not None
    return command.pharmacy


EFFECTS = {
    "rename": {"changed": "node", "id": 1, "given_name": "counter-1"},
    "delete": {"deleted": "node", "id": 1},
    "key": {"created": "key", "id": 1, "user": 1},
}


def fresh(command: HeadscaleCommand) -> HeadscaleCommand:
    command.refresh_from_db()
    return command


@pytest.mark.parametrize("kind", VERBS)
def test_a_change_is_made_once_and_written_down(lane: Lane, kind: str) -> None:
    command = lane.ask(kind)

    follow_up = lane.execute(command)

    row = fresh(command)
    assert (row.state, row.attempt, row.exit_status) == (CommandState.SUCCEEDED, 1, 0)
    assert (row.started_at, row.finished_at, row.lease_until_at) == (NOW, NOW, None)
    assert row.error == row.error_code == ""
    assert row.seconds is not None
    assert VERBS[kind] in " ".join(row.argv)
    assert follow_up.server_id == lane.server.pk
    assert len(lane.effects()) == 1
    assert EFFECTS.get(kind, lane.effects()[0]) == lane.effects()[0]


def test_our_picture_follows_at_once(lane: Lane) -> None:
    lane.execute(lane.rename("counter-1"))
    lane.execute(lane.expire(2))

    assert lane.machine(1).name == "counter-1"
    assert lane.machine(2).expires_at == NOW


def test_an_end_that_was_asked_for_is_stored(lane: Lane) -> None:
    lane.execute(lane.expire(1, NOW + timedelta(days=3)))

    assert lane.machine(1).expires_at == NOW + timedelta(days=3)


def test_a_deleted_machine_is_gone_and_its_history_stays(lane: Lane) -> None:
    lane.execute(lane.delete(1))

    gone = MachineProfile.objects.get(node_id=1)
    assert (gone.gone_at, gone.online) == (NOW, False)
    assert gone.states.exists()


def test_a_new_user_is_linked(lane: Lane) -> None:
    command = lane.make_user()

    lane.execute(command)

    made = PharmacyLink.objects.get(pharmacy=command.pharmacy)
    assert made.headscale_user_id == fresh(command).result["user_id"]
    assert made.headscale_user_name == f"p{command.pharmacy_id:04d}"
    assert made.company_code == "ALPHA"


def test_a_list_asked_for_before_the_change_is_out_of_date(lane: Lane) -> None:
    HeadscaleServer.objects.filter(pk=lane.server.pk).update(generation=7, applied_generation=6)

    lane.execute(lane.rename())

    lane.server.refresh_from_db()
    assert lane.server.applied_generation == 7


def test_ten_messages_make_one_change(lane: Lane) -> None:
    command = lane.rename()

    follow_ups = [lane.execute(command) for _ in range(10)]

    assert len(lane.effects()) == 1
    assert [one.server_id for one in follow_ups[1:]] == [None] * 9
    assert fresh(command).attempt == 1


def test_whoever_rings_the_oldest_goes_first(lane: Lane) -> None:
    first, second, third = (lane.rename(f"name-{n}") for n in range(3))

    follow_up = lane.execute(third)

    states = [fresh(command).state for command in (first, second, third)]
    assert states == ["SUCCEEDED", "REQUESTED", "REQUESTED"]
    assert follow_up.command_id == second.pk


@pytest.mark.parametrize("state", [CommandState.RUNNING, CommandState.UNKNOWN])
def test_a_busy_lane_leaves_the_pool_at_once(lane: Lane, state: CommandState) -> None:
    first, second = lane.rename("name-1"), lane.rename("name-2")
    HeadscaleCommand.objects.filter(pk=first.pk).update(state=state)

    follow_up = lane.execute(second)

    assert (follow_up.command_id, follow_up.server_id) == (None, None)
    assert fresh(second).state == CommandState.REQUESTED
    assert lane.effects() == []


def test_the_database_itself_keeps_one_change_a_server(lane: Lane) -> None:
    first, second = lane.rename("name-1"), lane.rename("name-2")
    rows = HeadscaleCommand.objects
    rows.filter(pk=first.pk).update(state=CommandState.UNKNOWN)

    with pytest.raises(IntegrityError), transaction.atomic():
        rows.filter(pk=second.pk).update(state=CommandState.RUNNING)

    other = make_server("other")
    rows.filter(pk=second.pk).update(server=other, state=CommandState.RUNNING)


def test_a_cancelled_change_is_never_made(lane: Lane) -> None:
    command = lane.rename()
    operations.cancel_command(actor=ACTOR, at=NOW, command_id=command.pk)

    lane.execute(command)

    assert fresh(command).state == CommandState.CANCELLED
    assert lane.effects() == []


@pytest.mark.parametrize("kind", ["rename", "expire", "delete"])
def test_another_machine_under_the_number_is_left_alone(lane: Lane, kind: str) -> None:
    command = lane.ask(kind)
    HeadscaleCommand.objects.filter(pk=command.pk).update(fingerprint="mkey:former")

    lane.execute(command)

    assert (fresh(command).state, command.error_code) == ("FAILED", "machine_gone")
    assert lane.effects() == []


def test_a_user_that_exists_already_is_not_taken_over(lane: Lane) -> None:
    command = lane.make_user()
    control.join(lane.config, "stranger", f"p{command.pharmacy_id:04d}")

    lane.execute(command)

    assert (fresh(command).state, command.error_code) == ("FAILED", "user_exists")
    assert PharmacyLink.objects.count() == 1


def test_a_key_for_a_pharmacy_without_user_is_refused(lane: Lane) -> None:
    command = lane.make_key()
    PharmacyLink.objects.all().delete()

    lane.execute(command)

    assert (fresh(command).state, command.error_code) == ("FAILED", "pharmacy_not_linked")


def test_what_the_engine_refuses_has_failed_with_its_words(lane: Lane) -> None:
    command = lane.rename("pc-3")
    MachineProfile.objects.filter(node_id=2).update(name="elsewhere")
    HeadscaleCommand.objects.filter(pk=command.pk).update(
        arguments={"node_id": 1, "new_name": "pc-2"}
    )

    lane.execute(command)

    row = fresh(command)
    assert (row.state, row.error_code, row.exit_status) == ("FAILED", "name_taken", 1)
    assert "not unique" in row.engine or "already in use" in row.engine
    assert row.error
    assert lane.effects() == []


def test_an_engine_that_is_away_is_not_asked_for_the_change(lane: Lane) -> None:
    command = lane.rename()
    lane.fail(Fault(f.DOWN))

    lane.execute(command)

    assert (fresh(command).state, command.error_code) == ("FAILED", "engine_unreachable")
    assert lane.effects() == []


def test_a_name_it_has_already_needs_no_change(lane: Lane) -> None:
    command = lane.rename("pc-1")

    lane.execute(command)

    assert fresh(command).state == CommandState.SUCCEEDED
    assert lane.effects() == []


def test_a_worker_that_overslept_its_lease_sends_nothing(lane: Lane) -> None:
    command = lane.rename()

    def meanwhile(verb: str) -> None:
        if verb == "nodes list":
            HeadscaleCommand.objects.filter(pk=command.pk).update(lease_until_at=NOW.replace(2020))

    lane.hooks.append(meanwhile)
    lane.execute(command)

    assert lane.effects() == []
    assert fresh(command).state == CommandState.RUNNING


def test_a_worker_that_was_given_up_sends_nothing(lane: Lane) -> None:
    command = lane.rename()

    def meanwhile(verb: str) -> None:
        if verb == "nodes list":
            HeadscaleCommand.objects.filter(pk=command.pk).update(state=CommandState.FAILED)

    lane.hooks.append(meanwhile)
    lane.execute(command)

    assert lane.effects() == []
    assert fresh(command).state == CommandState.FAILED


def test_a_late_worker_overwrites_no_newer_attempt(lane: Lane) -> None:
    command = lane.rename()

    def meanwhile(verb: str) -> None:
        if verb == "nodes rename":
            HeadscaleCommand.objects.filter(pk=command.pk).update(attempt=2)

    lane.hooks.append(meanwhile)
    lane.execute(command)

    row = fresh(command)
    assert (row.state, row.attempt, row.finished_at) == (CommandState.RUNNING, 2, None)
    assert lane.machine(1).name == "pc-1"


def test_a_pharmacy_that_is_deleted_meanwhile_does_not_block_the_lane(lane: Lane) -> None:
    command = lane.make_user()

    def meanwhile(verb: str) -> None:
        if verb == "users create":
            owner_of(command).delete()

    lane.hooks.append(meanwhile)
    lane.execute(command)

    assert fresh(command).state == CommandState.SUCCEEDED
    assert PharmacyLink.objects.count() == 1


def test_a_user_for_a_deleted_pharmacy_is_not_made(lane: Lane) -> None:
    command = lane.make_user()
    owner_of(command).delete()

    lane.execute(command)

    assert (fresh(command).state, command.error_code) == ("FAILED", "pharmacy_gone")
    assert lane.effects() == []


def test_a_link_that_was_made_by_hand_meanwhile_stays(lane: Lane) -> None:
    command = lane.make_user()

    def meanwhile(verb: str) -> None:
        if verb == "users create":
            PharmacyLink.objects.create(
                pharmacy=owner_of(command),
                server=lane.server,
                company_code="ALPHA",
                headscale_user_id=99,
                headscale_user_name="by-hand",
            )

    lane.hooks.append(meanwhile)
    lane.execute(command)

    assert fresh(command).state == CommandState.SUCCEEDED
    names = set(PharmacyLink.objects.values_list("headscale_user_name", flat=True))
    assert names == {"p0001", "by-hand"}


def test_a_pharmacy_without_user_gets_one_first(lane: Lane) -> None:
    PharmacyLink.objects.all().delete()
    key = lane.make_key()

    first = lane.execute(key)
    assert first.command_id == key.pk
    lane.execute(key)

    assert list(HeadscaleCommand.objects.order_by("pk").values_list("kind", "state")) == [
        (CommandKind.CREATE_USER, CommandState.SUCCEEDED),
        (CommandKind.CREATE_PREAUTH_KEY, CommandState.SUCCEEDED),
    ]
