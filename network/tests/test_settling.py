"""A change whose outcome is not known is settled by reading, and never made twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from pytest_django import Settings

from network.executor import settle_time
from network.headscale.simulator import faults as f
from network.headscale.simulator.faults import Fault
from network.models import HeadscaleCommand
from network.states import CommandKind, CommandState
from network.tests.lanes import VERBS, Lane
from network.tests.situations import NOW

REPEATABLE = ("rename", "expire", "delete")


def fresh(command: HeadscaleCommand) -> HeadscaleCommand:
    command.refresh_from_db()
    return command


def left_unknown(lane: Lane, kind: str, fault: Fault) -> HeadscaleCommand:
    """Ask for a change that meets a fault; afterwards the engine is well again."""
    command = lane.ask(kind)
    lane.fail(fault)
    follow_up = lane.execute(command)
    lane.fail()
    assert fresh(command).state == CommandState.UNKNOWN
    assert (follow_up.command_id, follow_up.server_id) == (None, None)
    return command


def went_through(kind: str) -> Fault:
    return Fault(f.APPLY_THEN_HANG, verb=VERBS[kind])


def never_came(kind: str) -> Fault:
    return Fault(f.DOWN, verb=VERBS[kind])


@pytest.mark.parametrize("fault", [f.APPLY_THEN_HANG, f.APPLY_THEN_DIE])
@pytest.mark.parametrize("kind", ["rename", "expire", "delete", "user"])
def test_what_happened_is_found_and_succeeds(lane: Lane, kind: str, fault: str) -> None:
    command = left_unknown(lane, kind, Fault(fault, verb=VERBS[kind]))

    follow_up = lane.settle(command)

    assert fresh(command).state == CommandState.SUCCEEDED
    assert command.finished_at is not None
    assert command.error == command.error_code == ""
    assert follow_up.server_id == lane.server.pk
    assert len(lane.effects()) == 1


@pytest.mark.parametrize("kind", VERBS)
def test_it_never_happened_may_not_be_said_early(lane: Lane, kind: str) -> None:
    command = left_unknown(lane, kind, never_came(kind))

    lane.move(29)
    lane.settle(command)

    assert fresh(command).state == CommandState.UNKNOWN
    assert lane.effects() == []


@pytest.mark.parametrize("kind", VERBS)
def test_a_slow_reading_says_nothing_about_the_time_it_took(lane: Lane, kind: str) -> None:
    command = left_unknown(lane, kind, never_came(kind))
    lane.move(28)

    lane.hooks.append(lambda _verb: lane.move(5))
    lane.settle(command)

    assert lane.clock() > NOW + timedelta(seconds=31)
    assert fresh(command).state == CommandState.UNKNOWN


@pytest.mark.parametrize("kind", REPEATABLE)
def test_what_never_happened_is_sent_once_more(lane: Lane, kind: str) -> None:
    command = left_unknown(lane, kind, never_came(kind))
    lane.move(31)

    follow_up = lane.settle(command)
    assert follow_up.command_id == command.pk
    lane.execute(command)

    assert (fresh(command).state, command.attempt) == (CommandState.SUCCEEDED, 2)
    assert (command.error, command.error_code) == ("", "")
    assert len(lane.effects()) == 1


@pytest.mark.parametrize("kind", REPEATABLE)
def test_what_never_happens_twice_has_failed(lane: Lane, kind: str) -> None:
    command = left_unknown(lane, kind, never_came(kind))
    lane.move(31)
    lane.settle(command)
    lane.fail(never_came(kind))
    lane.execute(command)
    lane.fail()
    lane.move(31)

    lane.settle(command)

    assert (fresh(command).state, command.error_code) == ("FAILED", "never_happened")
    assert command.attempt == 2
    assert lane.effects() == []


@pytest.mark.parametrize("kind", ["user", "key"])
def test_what_may_not_be_repeated_has_failed_at_once(lane: Lane, kind: str) -> None:
    command = left_unknown(lane, kind, never_came(kind))
    lane.move(31)

    lane.settle(command)

    assert (fresh(command).state, command.error_code) == ("FAILED", "never_happened")
    assert (command.attempt, lane.effects()) == (1, [])


@pytest.mark.parametrize("kind", REPEATABLE)
def test_an_effect_that_comes_after_all_is_not_made_again(lane: Lane, kind: str) -> None:
    command = left_unknown(lane, kind, Fault(f.LATE_EFFECT, verb=VERBS[kind], seconds=1000))
    lane.move(31)
    lane.settle(command)
    assert fresh(command).state == CommandState.QUEUED
    lane.engine.settle()

    lane.execute(command)

    assert (fresh(command).state, command.attempt) == (CommandState.SUCCEEDED, 2)
    assert len(lane.effects()) == 1


@pytest.mark.parametrize("kind", ["rename", "expire", "delete", "user"])
def test_an_effect_within_the_settle_time_is_found(lane: Lane, kind: str) -> None:
    command = left_unknown(lane, kind, Fault(f.LATE_EFFECT, verb=VERBS[kind], seconds=1000))
    lane.move(20)
    lane.settle(command)
    lane.engine.settle()

    lane.settle(command)

    assert (fresh(command).state, command.attempt) == (CommandState.SUCCEEDED, 1)
    assert len(lane.effects()) == 1


def test_a_key_whose_secret_is_lost_is_taken_back(lane: Lane) -> None:
    earlier = lane.make_key()
    lane.execute(earlier)
    command = left_unknown(lane, "key", went_through("key"))

    lane.settle(command)

    assert (fresh(command).state, command.error_code) == ("FAILED", "secret_lost")
    assert command.sealed_secret == ""
    created = [effect for effect in lane.effects() if "created" in effect]
    expired = [effect for effect in lane.effects() if "expired" in effect]
    assert [effect["id"] for effect in created] == [1, 2]
    assert [effect["id"] for effect in expired] == [2]


def test_a_machine_that_ends_by_itself_in_a_moment_was_not_ended(lane: Lane) -> None:
    lane.execute(lane.expire(ends_at=lane.clock() + timedelta(minutes=4)))
    command = left_unknown(lane, "expire", never_came("expire"))
    lane.move(31)

    lane.settle(command)

    assert fresh(command).state == CommandState.QUEUED


def test_a_worker_that_died_before_it_looked_leaves_nothing_to_believe(lane: Lane) -> None:
    command = lane.delete()
    HeadscaleCommand.objects.filter(pk=command.pk).update(
        state=CommandState.UNKNOWN, attempt=1, called_at=NOW
    )
    lane.move(31)

    lane.settle(command)

    assert fresh(command).state == CommandState.QUEUED


def test_another_machine_is_never_taken_for_the_changed_one(lane: Lane) -> None:
    command = left_unknown(lane, "rename", never_came("rename"))
    HeadscaleCommand.objects.filter(pk=command.pk).update(
        fingerprint="mkey:former", arguments={"node_id": 1, "new_name": "pc-1"}
    )
    lane.move(31)

    lane.settle(command)

    assert fresh(command).state == CommandState.QUEUED


def test_without_reading_nothing_is_concluded_until_a_person_must_look(lane: Lane) -> None:
    command = left_unknown(lane, "rename", went_through("rename"))
    lane.fail(Fault(f.DOWN))

    lane.move(599)
    lane.settle(command)
    before = fresh(command).state
    lane.move(2)
    follow_up = lane.settle(command)

    assert before == CommandState.UNKNOWN
    assert (fresh(command).state, command.error_code) == ("NEEDS_HUMAN", "unsettled")
    assert follow_up.server_id is None


def test_a_settled_change_frees_the_lane_for_the_next(lane: Lane) -> None:
    command = left_unknown(lane, "rename", went_through("rename"))
    waiting = lane.expire(2)

    follow_up = lane.settle(command)

    assert follow_up.command_id == waiting.pk


@pytest.mark.parametrize("state", [state for state in CommandState if state != "UNKNOWN"])
def test_only_what_is_not_known_is_settled(lane: Lane, state: CommandState) -> None:
    command = lane.rename()
    HeadscaleCommand.objects.filter(pk=command.pk).update(state=state)

    lane.settle(command)

    assert fresh(command).state == state


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [([], 30), ([1.0, 2.0], 30), ([20.0], 40), ([100.0, 1.0], 200), ([100.0] + [1.0] * 20, 30)],
)
def test_the_settle_time_is_twice_the_slowest_recent_change(
    lane: Lane, settings: Settings, seconds: list[float], expected: int
) -> None:
    settings.FARMQ_SETTLE_MIN_S = 30
    common: dict[str, Any] = {
        "server": lane.server,
        "kind": CommandKind.RENAME_NODE,
        "requested_at": NOW,
        "due_at": NOW,
    }
    for number in seconds:
        HeadscaleCommand.objects.create(**common, state=CommandState.SUCCEEDED, seconds=number)
    HeadscaleCommand.objects.create(**common, state=CommandState.FAILED, seconds=900.0)

    assert settle_time(lane.server.pk) == timedelta(seconds=expected)


def test_two_settlers_take_a_lost_key_back_once(lane: Lane) -> None:
    command = left_unknown(lane, "key", went_through("key"))
    lane.forget()

    def meanwhile(verb: str) -> None:
        if verb == "preauthkeys list":
            lane.hooks.clear()
            lane.settle(command)

    lane.hooks.append(meanwhile)
    lane.settle(command)

    assert fresh(command).state == CommandState.FAILED
    assert len(lane.effects()) == 1


def test_a_settler_that_died_is_followed_by_another(lane: Lane) -> None:
    command = left_unknown(lane, "rename", went_through("rename"))
    rows = HeadscaleCommand.objects.filter(pk=command.pk)

    rows.update(lease_until_at=Now() + timedelta(seconds=60))
    lane.settle(command)
    assert fresh(command).state == CommandState.UNKNOWN

    rows.update(lease_until_at=Now() - timedelta(seconds=1))
    lane.settle(command)
    assert fresh(command).state == CommandState.SUCCEEDED
