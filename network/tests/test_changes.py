"""Every other change of an engine, from the asking to its end: effect, settling, refusal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied

from network.headscale.simulator import faults as f
from network.headscale.simulator.config import set_now
from network.headscale.simulator.faults import Fault
from network.models import HeadscaleApiKey, HeadscaleCommand, HeadscalePreAuthKey
from network.states import CommandState
from network.tests.changes import CHANGES
from network.tests.lanes import ACTOR, Lane, make_lane
from pharmacies.access.actor import Actor
from pharmacies.access.models import AuditEvent

Staged = Callable[[str], Lane]
# No machine lacks an address here, so filling in leaves no effect and is found done at once.
REPEATABLE = [name for name, change in CHANGES.items() if change.repeatable and change.effect]
ONCE = [name for name, change in CHANGES.items() if not change.repeatable]
# What leaves a trace is found by reading; an API key and a join key are taken back instead.
FOUND = [n for n in CHANGES if n not in ("user key", "create api key", "backfill", "cross-check")]


@pytest.fixture
def staged(platform: None, tmp_path: Path) -> Staged:
    """A lane on which everything is there that a change needs, its effects so far forgotten."""

    def stage(name: str) -> Lane:
        change = CHANGES[name]
        lane = make_lane(tmp_path, change.release)
        for prepare in change.prepare:
            prepare(lane)
        lane.forget()
        return lane

    return stage


def fresh(command: HeadscaleCommand) -> HeadscaleCommand:
    command.refresh_from_db()
    return command


def left_unknown(lane: Lane, name: str, fault: str) -> HeadscaleCommand:
    command = CHANGES[name].ask(lane, ACTOR)
    lane.fail(Fault(fault, verb=CHANGES[name].verb))
    lane.execute(command)
    lane.fail()
    assert fresh(command).state == CommandState.UNKNOWN
    return command


def assert_sent_once_more(lane: Lane, command: HeadscaleCommand) -> None:
    lane.move(31)

    lane.settle(command)
    lane.execute(command)

    assert (fresh(command).state, command.attempt) == (CommandState.SUCCEEDED, 2)
    assert len(lane.effects()) == 1


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_made_once_read_back_and_written_down(staged: Staged, name: str) -> None:
    lane, change = staged(name), CHANGES[name]
    command = change.ask(lane, ACTOR)

    follow_up = lane.execute(command)

    assert (fresh(command).state, command.error) == (CommandState.SUCCEEDED, "")
    assert change.verb in " ".join(command.argv)
    assert follow_up.server_id == lane.server.pk
    effects = lane.effects()
    assert len(effects) == (1 if change.effect else 0)
    assert all(change.effect.items() <= effect.items() for effect in effects)


@pytest.mark.parametrize("name", CHANGES)
def test_without_the_permission_nothing_is_written(staged: Staged, name: str) -> None:
    lane, change = staged(name), CHANGES[name]
    rows, events = HeadscaleCommand.objects.count(), AuditEvent.objects.count()
    others = frozenset(other.permission for other in CHANGES.values()) - {change.permission}
    mine = frozenset({change.permission})
    strangers = [
        Actor(label="nobody"),
        Actor(label="other rights", grants={None: others}),
        Actor(label="other company", grants={"BETA": mine}),
        Actor(label="narrow token", grants=ACTOR.grants, scopes=others),
    ]
    if not change.for_company:
        strangers.append(Actor(label="one company", grants={"ALPHA": mine}))

    for actor in strangers:
        with pytest.raises(PermissionDenied):
            change.ask(lane, actor)

    assert (HeadscaleCommand.objects.count(), AuditEvent.objects.count()) == (rows, events)


@pytest.mark.parametrize("name", CHANGES)
def test_the_permission_is_enough_and_leaves_an_event(staged: Staged, name: str) -> None:
    lane, change = staged(name), CHANGES[name]
    where = "ALPHA" if change.for_company else None

    command = change.ask(lane, Actor(label="ok", grants={where: frozenset({change.permission})}))

    event = AuditEvent.objects.get(actor_label="ok")
    assert event.details["command_id"] == command.pk
    assert command.company_code == event.company_code
    assert where is None or command.company_code == where


@pytest.mark.parametrize("fault", [f.APPLY_THEN_HANG, f.APPLY_THEN_DIE])
@pytest.mark.parametrize("name", FOUND)
def test_what_happened_is_found_and_succeeds(staged: Staged, name: str, fault: str) -> None:
    lane = staged(name)
    command = left_unknown(lane, name, fault)

    lane.settle(command)

    assert (fresh(command).state, command.error) == (CommandState.SUCCEEDED, "")
    assert len(lane.effects()) == 1


@pytest.mark.parametrize("name", REPEATABLE)
def test_what_never_happened_is_sent_once_more(staged: Staged, name: str) -> None:
    lane = staged(name)
    command = left_unknown(lane, name, f.DOWN)

    assert_sent_once_more(lane, command)


@pytest.mark.parametrize("name", ONCE)
def test_what_may_not_be_repeated_has_failed(staged: Staged, name: str) -> None:
    lane = staged(name)
    command = left_unknown(lane, name, f.DOWN)
    lane.move(31)

    lane.settle(command)

    assert (fresh(command).state, command.error_code) == ("FAILED", "never_happened")
    assert lane.effects() == []


@pytest.mark.parametrize("name", ["user key", "create api key"])
def test_a_key_whose_secret_is_lost_is_taken_back(staged: Staged, name: str) -> None:
    lane = staged(name)
    command = left_unknown(lane, name, f.APPLY_THEN_HANG)

    lane.settle(command)

    assert (fresh(command).state, command.error_code) == ("FAILED", "secret_lost")
    kinds = [next(iter(effect)) for effect in lane.effects()]
    assert kinds == ["created", "expired"]


@pytest.mark.parametrize("name", ["expire key", "expire api key"])
def test_what_ends_by_a_clock_that_is_ahead_has_ended(staged: Staged, name: str) -> None:
    lane = staged(name)
    set_now(lane.config, (lane.clock() + timedelta(minutes=1)).isoformat())
    command = left_unknown(lane, name, f.APPLY_THEN_HANG)

    lane.settle(command)

    assert (fresh(command).state, command.attempt) == (CommandState.SUCCEEDED, 1)
    assert len(lane.effects()) == 1


@pytest.mark.parametrize("name", ["expire key", "expire api key"])
def test_what_would_end_by_itself_in_a_moment_was_not_ended(staged: Staged, name: str) -> None:
    lane = staged(name)
    model = HeadscalePreAuthKey if name == "expire key" else HeadscaleApiKey
    ends = model.objects.get().expires_at
    assert ends is not None
    lane.move((ends - lane.clock()).total_seconds() - 240)
    command = left_unknown(lane, name, f.DOWN)

    assert_sent_once_more(lane, command)
