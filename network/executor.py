"""The worker's side of a command: claim the lane, look, call, read back, close; settle by reading.

The row is the truth. Every step is a conditional update whose row count decides, so a message may
come never, late or ten times.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import ExpressionWrapper, F, Q, QuerySet, Value
from django.db.models.fields import DateTimeField
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from network.engine import UnknownServerError
from network.headscale.client import (
    HeadscaleClient,
    HeadscaleError,
    InvalidArgumentError,
    TimedOutError,
)
from network.headscale.process import Runner, run
from network.kinds import KINDS, Found, Outcome, TargetChangedError
from network.models import HeadscaleCommand, HeadscaleServer
from network.recording import Recorder
from network.sealing import seal
from network.states import IN_LANE, WAITING, CommandState
from pharmacies.tenancy import platform_context, tenant_transaction

logger = logging.getLogger(__name__)

SECRET_LIFE = timedelta(minutes=10)
_MOST_ATTEMPTS = 2
_RECENT = 20

Clock = Callable[[], datetime]
ClientFor = Callable[[HeadscaleServer, Runner], HeadscaleClient]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What must happen next: the command to ring for, and the server whose picture changed."""

    command_id: int | None = None
    server_id: int | None = None


NOTHING = FollowUp()


def execute(*, command_id: int, client_for: ClientFor, clock: Clock) -> FollowUp:
    """Run the next command of the lane that this message rang for.

    Returns at once, with nothing to do, when the lane is busy or empty.
    """
    with platform_context():
        command = _claim(command_id, clock())
        if command is None:
            return NOTHING
        _run(command, client_for, clock)
        return _follow_up(command)


def settle(*, command_id: int, client_for: ClientFor, clock: Clock) -> FollowUp:
    """Find out by reading what became of a command whose outcome is not known.

    One worker at a time, by a lease: settling may take back a key whose secret was lost.
    """
    with platform_context():
        unknown = HeadscaleCommand.objects.filter(pk=command_id, state=CommandState.UNKNOWN)
        free = Q(lease_until_at=None) | Q(lease_until_at__lt=Now())
        if not unknown.filter(free).update(lease_until_at=_lease_end()):
            return NOTHING
        command = unknown.select_related("server").first()
        if command is None:  # Handed over to a person just now.
            return NOTHING
        try:
            settled = _settle(command, client_for, clock)
        finally:
            unknown.filter(attempt=command.attempt).update(lease_until_at=None)
        return _follow_up(command) if settled else NOTHING


def _lease_end() -> ExpressionWrapper[Any]:
    """Return the end of a lease that begins now, by the clock of the database."""
    lease = Value(timedelta(seconds=settings.FARMQ_LEASE_S))
    return ExpressionWrapper(Now() + lease, output_field=DateTimeField())


def sweep(*, clock: Clock) -> tuple[list[int], list[int]]:
    """Return the commands to ring for again, and those to settle; end what has gone stale.

    A run whose lease is over becomes UNKNOWN; a secret nobody fetched in ten minutes is deleted.
    """
    with platform_context():
        at = clock()
        HeadscaleCommand.objects.filter(
            state=CommandState.RUNNING, lease_until_at__lt=Now()
        ).update(state=CommandState.UNKNOWN, called_at=at, error_code="worker_lost")
        HeadscaleCommand.objects.filter(sealed_at__lt=at - SECRET_LIFE).exclude(
            sealed_secret=""
        ).update(sealed_secret="")
        unknown = HeadscaleCommand.objects.filter(state=CommandState.UNKNOWN)
        _hand_over(unknown, at)
        return _unheard(at), list(unknown.values_list("pk", flat=True))


def _hand_over(unknown: QuerySet[HeadscaleCommand], at: datetime) -> None:
    """Free a lane whose command nobody could settle, not even to say so, in twice the time."""
    limit = timedelta(seconds=2 * settings.FARMQ_RECONCILE_LIMIT_S)
    unknown.filter(called_at__lt=at - limit).update(
        state=CommandState.NEEDS_HUMAN,
        finished_at=at,
        lease_until_at=None,
        error_code="unsettled",
        error=_unsettled(),
    )


def _unheard(at: datetime) -> list[int]:
    """Return the next command of each free lane whose message may have been lost."""
    patience = timedelta(seconds=2 * settings.FARMQ_SWEEP_INTERVAL)
    busy = HeadscaleCommand.objects.filter(state__in=IN_LANE).values("server_id")
    waiting = HeadscaleCommand.objects.filter(state__in=WAITING).exclude(server_id__in=busy)
    first: dict[int, tuple[int, datetime | None]] = {}
    for server_id, pk, published_at in waiting.order_by("-due_at", "-pk").values_list(
        "server_id", "pk", "published_at"
    ):
        first[server_id] = (pk, published_at)
    return [pk for pk, published in first.values() if not published or published < at - patience]


def _claim(command_id: int, at: datetime) -> HeadscaleCommand | None:
    """Take the lane for its next command; the partial unique constraint decides."""
    rung = HeadscaleCommand.objects.filter(pk=command_id).values("server_id")
    waiting = HeadscaleCommand.objects.filter(server_id__in=rung, state__in=WAITING)
    pk = waiting.order_by("due_at", "pk").values_list("pk", flat=True).first()
    if pk is None:
        return None
    try:
        with transaction.atomic():
            claimed = HeadscaleCommand.objects.filter(pk=pk, state__in=WAITING).update(
                state=CommandState.RUNNING,
                attempt=F("attempt") + 1,
                started_at=at,
                lease_until_at=_lease_end(),
            )
    except IntegrityError:
        return None
    if not claimed:
        return None
    return HeadscaleCommand.objects.select_related("server").get(pk=pk)


def _run(command: HeadscaleCommand, client_for: ClientFor, clock: Clock) -> None:
    kind = KINDS[command.kind]
    recorder = Recorder(run)
    try:
        client = client_for(command.server, recorder)
        happened = _happened_before(command, client, clock())
        if not happened:
            command.before = kind.look(client, command)
    except (HeadscaleError, InvalidArgumentError, TargetChangedError, UnknownServerError) as error:
        _fail(command, error, clock())
        return
    if happened:
        _succeed(command, Outcome(command.result), clock())
    elif _is_still_ours(command):
        recorder.looked()
        _call(command, client, recorder, clock)


def _happened_before(command: HeadscaleCommand, client: HeadscaleClient, at: datetime) -> bool:
    """Say whether an earlier sending took effect after all, later than anyone waited for it."""
    if command.attempt == 1:
        return False
    return KINDS[command.kind].settle(client, command, at) is Found.HAPPENED


def _is_still_ours(command: HeadscaleCommand) -> bool:
    """Store what was seen; a worker that slept past its lease must not send anything any more."""
    ours = HeadscaleCommand.objects.filter(
        pk=command.pk,
        state=CommandState.RUNNING,
        attempt=command.attempt,
        lease_until_at__gt=Now(),
    )
    return bool(ours.update(before=command.before))


def _call(
    command: HeadscaleCommand, client: HeadscaleClient, recorder: Recorder, clock: Clock
) -> None:
    started = time.monotonic()
    try:
        outcome = KINDS[command.kind].call(client, command)
    except TimedOutError as error:
        _leave_unknown(command, error, clock(), **_trace(recorder, started))
    except (HeadscaleError, InvalidArgumentError, TargetChangedError) as error:
        _fail(command, error, clock(), **_trace(recorder, started))
    else:
        trace = _trace(recorder, started, outcome.secret)
        _succeed(command, outcome, clock(), **trace)


def _trace(recorder: Recorder, started: float, secret: str = "") -> dict[str, Any]:
    return {"seconds": time.monotonic() - started, **recorder.columns(secret)}


def _settle(command: HeadscaleCommand, client_for: ClientFor, clock: Clock) -> bool:
    """Return whether the command left the lane. A reading is as old as its beginning."""
    asked_at = clock()
    try:
        found = KINDS[command.kind].settle(client_for(command.server, run), command, asked_at)
    except (HeadscaleError, InvalidArgumentError, TargetChangedError, UnknownServerError):
        return _give_up_reading(command, clock())
    if found is Found.HAPPENED:
        _succeed(command, Outcome(command.result), clock())
        return True
    if found is Found.LOST:
        lost = _("만든 키의 비밀을 받지 못해 그 키를 폐기했습니다. 다시 만들어 주십시오.")
        return _close(command, clock(), CommandState.FAILED, error_code="secret_lost", error=lost)
    if _waited(command, asked_at) < settle_time(command.server_id):
        return False
    if found is Found.UNTRACEABLE:
        unseen = _("엔진이 이런 변경의 흔적을 보여 주지 않습니다. 현장에서 확인해 주십시오.")
        return _close(
            command, clock(), CommandState.NEEDS_HUMAN, error_code="untraceable", error=unseen
        )
    return _conclude_absent(command, clock())


def _conclude_absent(command: HeadscaleCommand, at: datetime) -> bool:
    """The change never happened: send it once more when that is safe, else say so."""
    if KINDS[command.kind].repeatable and command.attempt < _MOST_ATTEMPTS:
        requeued = HeadscaleCommand.objects.filter(
            pk=command.pk, state=CommandState.UNKNOWN, attempt=command.attempt
        ).update(
            state=CommandState.QUEUED,
            published_at=None,
            lease_until_at=None,
            error="",
            error_code="",
        )
        command.state = CommandState.QUEUED
        return bool(requeued)
    sentence = _("엔진이 이 변경을 받지 않았습니다. 다시 요청해 주십시오.")
    return _close(command, at, CommandState.FAILED, error_code="never_happened", error=sentence)


def _give_up_reading(command: HeadscaleCommand, at: datetime) -> bool:
    if _waited(command, at) < timedelta(seconds=settings.FARMQ_RECONCILE_LIMIT_S):
        return False
    return _close(command, at, CommandState.NEEDS_HUMAN, error_code="unsettled", error=_unsettled())


def _unsettled() -> str:
    return _("엔진을 읽을 수 없어 결과를 알 수 없습니다. 엔진에서 직접 확인해 주십시오.")


def _waited(command: HeadscaleCommand, at: datetime) -> timedelta:
    return at - (command.called_at or command.started_at or at)


def settle_time(server_id: int) -> timedelta:
    """Return how long "it never happened" may not be concluded: twice the slowest recent change."""
    recent = HeadscaleCommand.objects.filter(
        server_id=server_id, state=CommandState.SUCCEEDED, seconds__isnull=False
    ).order_by("-pk")
    slowest = max((s or 0.0 for s in recent.values_list("seconds", flat=True)[:_RECENT]), default=0)
    return timedelta(seconds=max(settings.FARMQ_SETTLE_MIN_S, 2 * slowest))


def _succeed(command: HeadscaleCommand, outcome: Outcome, at: datetime, **trace: Any) -> None:
    command.result = dict(outcome.result)
    if outcome.secret:
        trace |= {"sealed_secret": seal(outcome.secret, command.public_key), "sealed_at": at}
    with tenant_transaction():
        # What stood there while the outcome was not known is no error any more.
        trace |= {"result": command.result, "error": "", "error_code": ""}
        closed = _close(command, at, CommandState.SUCCEEDED, **trace)
        if closed:
            KINDS[command.kind].record(command, at)
            # A list asked for before this change must not undo it on our pages.
            HeadscaleServer.objects.filter(pk=command.server_id).update(
                applied_generation=F("generation")
            )


def _fail(command: HeadscaleCommand, error: Exception, at: datetime, **trace: Any) -> None:
    """Close it with the reason; what differs from what was asked stands in the result."""
    details = getattr(error, "details", {})
    _close(command, at, CommandState.FAILED, result=details, **trace, **_words(error))


def _leave_unknown(
    command: HeadscaleCommand, error: TimedOutError, at: datetime, **trace: Any
) -> None:
    updated = HeadscaleCommand.objects.filter(
        pk=command.pk, state=CommandState.RUNNING, attempt=command.attempt
    ).update(
        state=CommandState.UNKNOWN, called_at=at, lease_until_at=None, **trace, **_words(error)
    )
    if updated:
        command.state = CommandState.UNKNOWN
        _log(command, trace.get("seconds"))


def _words(error: Exception) -> Mapping[str, str]:
    reason = getattr(error, "reason", "")
    return {
        "error_code": reason if reason not in ("", "other") else getattr(error, "code", "invalid"),
        "error": _(getattr(error, "sentence", "")) or _("엔진에 보낼 수 없는 값입니다."),
        "engine": getattr(error, "engine", ""),
    }


def _close(command: HeadscaleCommand, at: datetime, state: CommandState, **values: Any) -> bool:
    """End a command; a worker that lost its claim to a newer attempt changes nothing."""
    closed = HeadscaleCommand.objects.filter(
        Q(state__in=IN_LANE), pk=command.pk, attempt=command.attempt
    ).update(state=state, finished_at=at, lease_until_at=None, **values)
    if closed:
        command.state = state
        _log(command, values.get("seconds"))
    return bool(closed)


def _follow_up(command: HeadscaleCommand) -> FollowUp:
    """The lane's next command, when this one has left it; a fresh list, when something changed."""
    if command.state == CommandState.UNKNOWN:
        return NOTHING
    waiting = HeadscaleCommand.objects.filter(server_id=command.server_id, state__in=WAITING)
    changed = command.state == CommandState.SUCCEEDED
    return FollowUp(
        command_id=waiting.order_by("due_at", "pk").values_list("pk", flat=True).first(),
        server_id=command.server_id if changed else None,
    )


def _log(command: HeadscaleCommand, seconds: float | None) -> None:
    logger.info(
        "command",
        extra={
            "command_id": command.pk,
            "kind": command.kind,
            "state": command.state,
            "server": command.server.slug,
            "attempt": command.attempt,
            "seconds": round(seconds, 3) if seconds is not None else None,
        },
    )
