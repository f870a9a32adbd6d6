"""Who is next in a lane: the time of asking, moved by a priority that no command can outgrow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from network import queries
from network.models import HeadscaleCommand
from network.operations.asking import about, request_change
from network.states import LANE_BONUS_S, CommandKind, CommandState, Priority
from network.tests.lanes import ACTOR, Lane
from network.tests.situations import NOW

BULK, NORMAL, URGENT = Priority.BULK, Priority.NORMAL, Priority.URGENT


def ask(lane: Lane, priority: Priority, after_s: float = 0) -> HeadscaleCommand:
    """Ask for a new name, so many seconds from the beginning."""
    request = about(
        lane.machine(1), CommandKind.RENAME_NODE, priority=priority, new_name=f"pc-{after_s:.0f}"
    )
    return request_change(ACTOR, NOW + timedelta(seconds=after_s), request)


def order(lane: Lane, *commands: HeadscaleCommand) -> list[HeadscaleCommand]:
    """Run the lane empty by ringing for the last one again and again."""
    done: list[HeadscaleCommand] = []
    while len(done) < len(commands):
        lane.execute(commands[-1])
        finished = [c for c in commands if c not in done and _is_over(c)]
        assert len(finished) == 1
        done += finished
    return done


def _is_over(command: HeadscaleCommand) -> bool:
    command.refresh_from_db()
    return command.state not in (CommandState.REQUESTED, CommandState.QUEUED)


def test_who_asked_first_is_first(lane: Lane) -> None:
    first, second = ask(lane, NORMAL), ask(lane, NORMAL)

    assert order(lane, first, second) == [first, second]


def test_what_is_urgent_overtakes_and_bulk_waits(lane: Lane) -> None:
    bulk, normal, urgent = ask(lane, BULK), ask(lane, NORMAL, 1), ask(lane, URGENT, 2)

    assert order(lane, bulk, normal, urgent) == [urgent, normal, bulk]


@pytest.mark.parametrize(("later", "earlier"), [(NORMAL, BULK), (URGENT, NORMAL), (URGENT, BULK)])
def test_nobody_is_overtaken_for_longer_than_the_difference(
    lane: Lane, later: Priority, earlier: Priority
) -> None:
    difference = LANE_BONUS_S[later] - LANE_BONUS_S[earlier]
    waiting = ask(lane, earlier)
    too_late, in_time = ask(lane, later, difference + 1), ask(lane, later, difference - 1)

    assert order(lane, waiting, too_late, in_time) == [in_time, waiting, too_late]


def test_a_place_in_the_lane_is_told_by_the_same_order(lane: Lane) -> None:
    bulk, normal, urgent = ask(lane, BULK), ask(lane, NORMAL, 1), ask(lane, URGENT, 2)

    places = [queries.lane_position(command=command) for command in (urgent, normal, bulk)]

    assert places == [0, 1, 2]


def test_what_runs_counts_for_everybody(lane: Lane) -> None:
    running, waiting = ask(lane, NORMAL), ask(lane, URGENT)
    HeadscaleCommand.objects.filter(pk=running.pk).update(state=CommandState.RUNNING)

    assert queries.lane_position(command=waiting) == 1
