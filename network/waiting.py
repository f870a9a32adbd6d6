"""Lets a door wait a moment for a command, without ever tying up the whole process."""

from __future__ import annotations

import threading
import time

from django.conf import settings

from network import queries
from network.models import HeadscaleCommand
from network.states import FINAL, CommandState

_MOST_WAITING = 2
_POLL_S = 0.05
_seats = threading.BoundedSemaphore(_MOST_WAITING)


def may_wait(*, server_id: int) -> bool:
    """Say whether waiting makes sense: the lane is free and the server's changes are quick."""
    expected = queries.expected_seconds(server_id=server_id) or 0.0
    return expected <= settings.FARMQ_WAIT_S and not queries.lane_is_busy(server_id=server_id)


def wait_for(command: HeadscaleCommand) -> HeadscaleCommand:
    """Return the command when it is final, or as it is after the waiting time.

    Returns at once when the message was not taken by the broker, or two requests of this process
    wait already. Call it after the transaction of the operation is committed.
    """
    if not _seats.acquire(blocking=False):
        return command
    try:
        return _poll(command, time.monotonic() + settings.FARMQ_WAIT_S)
    finally:
        _seats.release()


def _poll(command: HeadscaleCommand, deadline: float) -> HeadscaleCommand:
    while True:
        command = HeadscaleCommand.objects.select_related("server").get(pk=command.pk)
        hopeless = command.state in (CommandState.REQUESTED, CommandState.UNKNOWN)
        if command.state in FINAL or hopeless or time.monotonic() >= deadline:
            return command
        time.sleep(_POLL_S)
