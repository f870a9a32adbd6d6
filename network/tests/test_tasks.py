"""The doorbell: what is published, what the row says then, and a broker that is away."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from pytest_django import Settings

from network import tasks, waiting
from network.executor import FollowUp
from network.headscale.process import Completed
from network.models import HeadscaleCommand
from network.recording import Recorder
from network.states import CommandState
from network.tests.lanes import Lane

SECRET = "hskey-auth-abcdefghijkl-" + "7" * 64


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A broker that is not there."""
    monkeypatch.setattr(current_app.conf, "broker_url", f"redis+socket://{tmp_path}/nobody")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int, float | None]]:
    """What would be published: task, number, seconds until it expires."""
    sent: list[tuple[str, int, float | None]] = []

    def publish(task: Any, number: int, expires_s: float | None = None) -> bool:
        sent.append((task.name.rsplit(".", 1)[-1], number, expires_s))
        return True

    monkeypatch.setattr(tasks, "publish", publish)
    return sent


def fresh(command: HeadscaleCommand) -> HeadscaleCommand:
    command.refresh_from_db()
    return command


def test_a_bell_that_was_heard_is_marked(lane: Lane, published: list[Any]) -> None:
    command = lane.rename()

    assert tasks.ring(command.pk)

    assert published == [("execute_command", command.pk, None)]
    assert (fresh(command).state, command.published_at is None) == (CommandState.QUEUED, False)


@pytest.mark.parametrize("state", ["RUNNING", "SUCCEEDED", "UNKNOWN", "CANCELLED"])
def test_a_bell_changes_nothing_of_what_has_begun(
    lane: Lane, published: list[Any], state: str
) -> None:
    command = lane.rename()
    HeadscaleCommand.objects.filter(pk=command.pk).update(state=state)

    tasks.ring(command.pk)

    assert (fresh(command).state, command.published_at) == (state, None)


@pytest.mark.usefixtures("away")
def test_without_a_broker_the_row_waits_and_nobody_waits_long(lane: Lane) -> None:
    command = lane.rename()
    started = time.monotonic()

    assert not tasks.ring(command.pk)

    assert time.monotonic() - started < 1
    assert (fresh(command).state, command.published_at) == (CommandState.REQUESTED, None)


def test_a_sweep_rings_and_settles(lane: Lane, published: list[Any]) -> None:
    lost, unknown = lane.rename("name-1"), lane.rename("name-2")
    HeadscaleCommand.objects.filter(pk=unknown.pk).update(state=CommandState.UNKNOWN)

    tasks.sweep_commands()

    assert published == [("settle_command", unknown.pk, 30)]
    assert fresh(lost).state == CommandState.REQUESTED


def test_what_a_finished_command_asks_for_is_rung(
    lane: Lane, published: list[Any], settings: Settings
) -> None:
    settings.FARMQ_SYNC_INTERVAL = 10
    command = lane.rename()

    tasks.enqueue(FollowUp(command_id=command.pk, server_id=lane.server.pk))
    tasks.enqueue(FollowUp())

    assert [name for name, _, _ in published] == ["execute_command", "sync_server"]
    assert published[1] == ("sync_server", lane.server.pk, 10)


def test_one_slow_server_holds_up_no_other(lane: Lane, published: list[Any]) -> None:
    tasks.sync_servers()

    assert [(name, number) for name, number, _ in published] == [("sync_server", lane.server.pk)]


@pytest.mark.parametrize(
    ("state", "seconds", "waits"),
    [
        ("SUCCEEDED", 1.0, True),
        ("SUCCEEDED", 9.0, False),
        ("FAILED", 9.0, True),
        ("REQUESTED", None, False),
        ("QUEUED", None, False),
        ("RUNNING", None, False),
        ("UNKNOWN", None, False),
    ],
)
def test_waiting_makes_sense_only_for_a_quick_free_lane(
    lane: Lane, settings: Settings, state: str, seconds: float | None, waits: bool
) -> None:
    settings.FARMQ_WAIT_S = 5
    command = lane.rename()
    HeadscaleCommand.objects.filter(pk=command.pk).update(state=state, seconds=seconds)

    assert waiting.may_wait(server_id=lane.server.pk) is waits


@pytest.mark.parametrize("state", ["REQUESTED", "UNKNOWN", "SUCCEEDED", "FAILED", "CANCELLED"])
def test_nobody_waits_for_what_will_not_come(lane: Lane, settings: Settings, state: str) -> None:
    settings.FARMQ_WAIT_S = 30
    command = lane.rename()
    HeadscaleCommand.objects.filter(pk=command.pk).update(state=state)
    started = time.monotonic()

    assert waiting.wait_for(command).state == state

    assert time.monotonic() - started < 5


def test_a_wait_ends_in_time(lane: Lane, settings: Settings) -> None:
    settings.FARMQ_WAIT_S = 0.1
    command = lane.rename()
    HeadscaleCommand.objects.filter(pk=command.pk).update(state=CommandState.QUEUED)

    assert waiting.wait_for(command).state == CommandState.QUEUED


def test_only_the_change_itself_is_recorded_and_without_secrets() -> None:
    answers = iter(["looked", f'{{"key":"{SECRET}","odd":"0123"}}', "read back"])

    def run(argv: tuple[str, ...], **_values: Any) -> Completed:
        return Completed(argv, 0, f"{next(answers)}\0".encode(), b"\xff", 0.1, False)

    recorder = Recorder(run)
    recorder(("headscale", "nodes"), env={}, stdin=None, timeout_s=1)
    assert recorder.columns() == {}
    recorder.looked()
    for word in ("create", "list"):
        recorder(("headscale", word, SECRET), env={}, stdin=None, timeout_s=1)

    columns = recorder.columns("0123")

    assert columns["argv"] == ["headscale", "create", "hskey-auth-abcdefghijkl-***"]
    assert columns["exit_status"] == 0
    assert columns["output"] == ('{"key":"hskey-auth-abcdefghijkl-***","odd":"***"}\ufffd\ufffd')
