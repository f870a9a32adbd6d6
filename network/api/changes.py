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
from network.states import CommandState
from network.waiting import may_wait, wait_for
from pharmacies.access import idempotency
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of

RETRY_AFTER_S = 2


class CommandFailedError(RuntimeError):
    """A command that the door waited for has failed; `command` says why."""

    def __init__(self, command: HeadscaleCommand) -> None:
        super().__init__(command.error)
        self.command = command
        self.code, self.sentence = command.error_code, command.error
        self.details = {"command": command.pk, "engine": command.engine}


@dataclass(frozen=True, slots=True)
class Change:
    """A change about to be asked for: how to ask, and how to tell of its success."""

    server_id: int
    ask: Callable[[], HeadscaleCommand]
    tell: Callable[[HeadscaleCommand], Answer]
    beside: Mapping[str, Any] | None = None


def carry_out(request: Request, change: Change) -> Answer:
    """Ask for the change, wait a moment when that makes sense, and answer.

    With an Idempotency-Key seen before, the command of the first request is answered for.
    """
    attempt = _attempt(request)
    if attempt is not None and not attempt.first:
        return _answer_again(attempt, change)
    patient = "respond-async" not in request.headers.get("Prefer", "") and may_wait(
        server_id=change.server_id
    )
    try:
        command = change.ask()
    except BaseException:
        if attempt is not None:
            idempotency.forget(attempt)
        raise
    if attempt is not None:
        idempotency.remember_command(attempt, command.pk)
    if patient:
        command = wait_for(command)
    return told(command, change)


def _attempt(request: Request) -> idempotency.Attempt | None:
    key = request.headers.get("Idempotency-Key")
    if not key:
        return None
    return idempotency.begin(
        actor=actor_of(request),
        at=now(),
        route=f"{request.method} {request.path}",
        key=key,
        body=request.data,
    )


def _answer_again(attempt: idempotency.Attempt, change: Change) -> Answer:
    if attempt.record.command_id is None:
        raise idempotency.in_progress()
    command = queries.commands().get(pk=attempt.record.command_id)
    return told(command, Change(change.server_id, change.ask, change.tell))


def told(command: HeadscaleCommand, change: Change) -> Answer:
    """Answer for a command in whatever state it is; raises CommandFailedError for a failed one."""
    if command.state == CommandState.SUCCEEDED:
        return change.tell(command)
    if command.state == CommandState.FAILED:
        raise CommandFailedError(command)
    data = {**CommandSerializer(command).data, **(change.beside or {})}
    headers = {"Location": f"/api/commands/{command.pk}", "Retry-After": str(RETRY_AFTER_S)}
    return answer(data, message=_("접수했습니다"), status=202, headers=headers)
