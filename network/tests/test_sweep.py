"""The sweeper: what the broker lost, what a dead worker left, and secrets nobody fetched."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from network import operations
from network.models import HeadscaleCommand
from network.sealing import make_key_pair
from network.states import CommandState
from network.tests.lanes import ACTOR, Lane, past
from network.tests.situations import NOW, make_server


def put(command: HeadscaleCommand, **values: Any) -> None:
    HeadscaleCommand.objects.filter(pk=command.pk).update(**values)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("state", "published_at", "rung"),
    [
        (CommandState.REQUESTED, None, True),
        (CommandState.QUEUED, None, True),
        (CommandState.QUEUED, ago(9), False),
        (CommandState.QUEUED, ago(11), True),
        (CommandState.RUNNING, ago(11), False),
        (CommandState.UNKNOWN, ago(11), False),
        (CommandState.SUCCEEDED, ago(11), False),
        (CommandState.CANCELLED, ago(11), False),
    ],
)
def test_a_message_that_may_be_lost_is_sent_again(
    lane: Lane, state: CommandState, published_at: datetime | None, rung: bool
) -> None:
    command = lane.rename()
    put(command, state=state, published_at=published_at)

    unheard, _ = lane.sweep()

    assert unheard == ([command.pk] if rung else [])


def test_only_the_oldest_of_each_free_lane_is_rung(lane: Lane) -> None:
    first, second, third, fourth = (lane.rename(f"name-{n}") for n in range(4))
    put(third, server=make_server("other"))
    put(fourth, server=make_server("busy"), state=CommandState.UNKNOWN)

    unheard, unknown = lane.sweep()

    assert sorted(unheard) == [first.pk, third.pk]
    assert unknown == [fourth.pk]
    assert second.pk not in unheard


def test_a_lane_that_is_busy_is_left_alone(lane: Lane) -> None:
    running, waiting = lane.rename("name-1"), lane.rename("name-2")
    soon = timezone.now() + timedelta(minutes=1)
    put(running, state=CommandState.RUNNING, lease_until_at=soon)

    unheard, unknown = lane.sweep()

    assert (unheard, unknown) == ([], [])
    assert waiting.state == CommandState.REQUESTED


def test_a_run_whose_lease_is_over_is_not_known(lane: Lane) -> None:
    command = lane.rename()
    put(command, state=CommandState.RUNNING, lease_until_at=past(), attempt=1)

    _, unknown = lane.sweep()

    command.refresh_from_db()
    assert unknown == [command.pk]
    assert (command.state, command.error_code) == ("UNKNOWN", "worker_lost")
    assert command.called_at == NOW


def test_a_run_within_its_lease_goes_on(lane: Lane) -> None:
    command = lane.rename()
    soon = timezone.now() + timedelta(seconds=30)
    put(command, state=CommandState.RUNNING, lease_until_at=soon, attempt=1)

    lane.sweep()

    command.refresh_from_db()
    assert command.state == CommandState.RUNNING


@pytest.mark.parametrize(("seconds", "state"), [(1199, "UNKNOWN"), (1201, "NEEDS_HUMAN")])
def test_a_lane_is_not_held_for_ever(lane: Lane, seconds: int, state: str) -> None:
    command, waiting = lane.rename("name-1"), lane.rename("name-2")
    put(command, state=CommandState.UNKNOWN, called_at=ago(seconds))

    unheard, unknown = lane.sweep()

    command.refresh_from_db()
    assert command.state == state
    assert bool(command.error) is (state == "NEEDS_HUMAN")
    assert (unheard, unknown) == (
        ([waiting.pk], []) if state == "NEEDS_HUMAN" else ([], [command.pk])
    )


def secret_of(lane: Lane) -> tuple[HeadscaleCommand, str]:
    pair = make_key_pair()
    command = lane.make_key(pair)
    lane.execute(command)
    command.refresh_from_db()
    assert command.sealed_secret
    return command, pair.token


def test_nothing_of_a_secret_is_stored_in_clear(lane: Lane) -> None:
    command, token = secret_of(lane)

    secret = operations.take_secret(actor=ACTOR, at=NOW, command_id=command.pk, token=token)

    row = str(HeadscaleCommand.objects.filter(pk=command.pk).values().get())
    assert secret.startswith("hskey-auth-")
    assert secret.rsplit("-", 1)[-1] not in str(vars(command))
    assert secret.rsplit("-", 1)[-1] not in row
    assert token not in row
    assert "preauthkeys create" in " ".join(command.argv)
    assert "***" in command.output


def test_a_secret_is_given_once(lane: Lane) -> None:
    command, token = secret_of(lane)
    operations.take_secret(actor=ACTOR, at=NOW, command_id=command.pk, token=token)

    with pytest.raises(operations.NetworkConflictError) as caught:
        operations.take_secret(actor=ACTOR, at=NOW, command_id=command.pk, token=token)

    assert caught.value.code == "secret_shown_once"


@pytest.mark.parametrize("token", ["", "x", "한글", "A" * 43 + "=", "=" * 44])
def test_another_token_opens_nothing(lane: Lane, token: str) -> None:
    command, right = secret_of(lane)

    with pytest.raises(operations.NetworkConflictError) as caught:
        operations.take_secret(actor=ACTOR, at=NOW, command_id=command.pk, token=token)

    assert caught.value.code == "wrong_token"
    assert operations.take_secret(actor=ACTOR, at=NOW, command_id=command.pk, token=right)


def test_a_secret_that_is_not_made_yet_is_not_ready(lane: Lane) -> None:
    command = lane.make_key()

    with pytest.raises(operations.NetworkConflictError) as caught:
        operations.take_secret(actor=ACTOR, at=NOW, command_id=command.pk, token="x")

    assert caught.value.code == "secret_not_ready"


@pytest.mark.parametrize(("seconds", "kept"), [(599, True), (601, False)])
def test_a_secret_nobody_fetches_is_deleted(lane: Lane, seconds: int, kept: bool) -> None:
    command, _ = secret_of(lane)

    lane.move(seconds)
    lane.sweep()

    command.refresh_from_db()
    assert bool(command.sealed_secret) is kept
