"""How a change is answered: 200 with the result, 202 with the command, or the failure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.request import Request

from network import queries
from network.api.serializers import CommandSerializer
from network.engine import now
from network.models import HeadscaleCommand
from network.operations import NetworkConflictError
from network.states import CommandState
from network.waiting import may_wait, wait_for
from pharmacies.access import idempotency
from pharmacies.access.answers import Answer, answer
from pharmacies.access.repeating import attempt_of

RETRY_AFTER_S = 2


# A command that failed for these reasons was never sent: the engine could not even be read.
NOT_SENT = frozenset(
    {"engine_unreachable", "engine_timed_out", "engine_unreadable", "server_unknown"}
)


class CommandFailedError(RuntimeError):
    """A command that the door waited for has failed; `command` says why."""

    def __init__(self, command: HeadscaleCommand) -> None:
        super().__init__(command.error)
        self.command = command
        self.code, self.sentence = command.error_code, command.error
        self.details = {"command": command.pk, "engine": command.engine, **command.result}


class CommandNotSentError(CommandFailedError):
    """A command that provably never reached the engine; asking again is safe."""


@dataclass(frozen=True, slots=True)
class Asking:
    """Input that was found good: the server whose lane it needs, and how to ask."""

    server_id: int
    ask: Callable[[], HeadscaleCommand]


@dataclass(frozen=True, slots=True)
class Change:
    """A change that a request is about: how to read the request, and how to tell of success.

    A repeated request is answered without `read`, because its target may be gone by then.
    """

    read: Callable[[], Asking]
    tell: Callable[[HeadscaleCommand], Answer]
    beside: Mapping[str, Any] | None = None


def carry_out(request: Request, change: Change) -> Answer:
    """Ask for the change, wait a moment when that makes sense, and answer.

    With an Idempotency-Key seen before, the command of the first request is answered for.
    """
    attempt = attempt_of(request, at=now())
    if attempt is not None and not attempt.first:
        return _told_again(attempt, change)
    try:
        command = _asked(request, change, attempt)
    except BaseException:
        if attempt is not None:
            idempotency.forget(attempt)
        raise
    return _told(command, change, attempt)


def _asked(
    request: Request, change: Change, attempt: idempotency.Attempt | None
) -> HeadscaleCommand:
    asking = change.read()
    patient = "respond-async" not in request.headers.get("Prefer", "").lower() and may_wait(
        server_id=asking.server_id
    )
    command = asking.ask()
    if attempt is not None:
        idempotency.remember_command(attempt, command.pk)
    return wait_for(command) if patient else queries.commands().get(pk=command.pk)


def _told_again(attempt: idempotency.Attempt, change: Change) -> Answer:
    if attempt.record.command_id is None:
        raise idempotency.in_progress()
    command = queries.commands().get(pk=attempt.record.command_id)
    return _told(command, Change(change.read, change.tell), attempt)


def _told(command: HeadscaleCommand, change: Change, attempt: idempotency.Attempt | None) -> Answer:
    """Answer for a command in whatever state it is.

    Raises CommandFailedError for a failed one; one that was not sent leaves its key free.
    """
    if command.state == CommandState.SUCCEEDED:
        return change.tell(command)
    if command.state == CommandState.FAILED and command.error_code in NOT_SENT:
        if attempt is not None:
            idempotency.forget(attempt)
        raise CommandNotSentError(command)
    if command.state == CommandState.FAILED:
        raise CommandFailedError(command)
    if command.state == CommandState.CANCELLED:
        sentence = _("이 변경은 시작하기 전에 취소되었습니다.")
        raise NetworkConflictError("command_cancelled", sentence, {"command": command.pk})
    data = {**CommandSerializer(command).data, **(change.beside or {})}
    headers = {"Location": f"/api/commands/{command.pk}", "Retry-After": str(RETRY_AFTER_S)}
    return answer(data, message=_("접수했습니다"), status=202, headers=headers)
