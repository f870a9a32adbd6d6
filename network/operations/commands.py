"""What can be done with a command: take it back, take its secret; and with a held list."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from network import tasks
from network.models import HeadscaleCommand, HeadscaleServer
from network.operations.asking import PERMISSIONS, NetworkConflictError
from network.sealing import WrongTokenError, unseal
from network.states import WAITING, CommandState
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.access.permissions import require
from pharmacies.tenancy import tenant_transaction


def cancel_command(*, actor: Actor, at: datetime, command_id: int) -> HeadscaleCommand:
    """Take back a change that has not begun.

    Raises PermissionDenied, HeadscaleCommand.DoesNotExist, NetworkConflictError
    (`command_not_waiting`).
    """
    command = HeadscaleCommand.objects.get(pk=command_id)
    require(actor, PERMISSIONS[command.kind], company_code=command.company_code)
    with tenant_transaction(durable=True):
        cancelled = HeadscaleCommand.objects.filter(pk=command_id, state__in=WAITING).update(
            state=CommandState.CANCELLED, finished_at=at
        )
        if not cancelled:
            sentence = _("이미 시작했거나 끝난 변경은 취소할 수 없습니다.")
            raise NetworkConflictError("command_not_waiting", sentence)
        target = Target("command", str(command_id), command.target_label)
        record(
            actor=actor,
            action="command.cancel",
            target=target,
            at=at,
            company_code=command.company_code,
        )
    return HeadscaleCommand.objects.get(pk=command_id)


def accept_list(*, actor: Actor, at: datetime, server_id: int) -> None:
    """Take the next list of a server as it is, whatever the guard says. This will ring for it.

    Raises PermissionDenied, HeadscaleServer.DoesNotExist, NetworkConflictError (`nothing_held`).
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "servers:write")
    _decide(actor, at, server, "ACCEPTED")


def dismiss_list(*, actor: Actor, at: datetime, server_id: int) -> None:
    """Keep the picture as it is for as long as the list looks like that, even past its grace.

    Raises PermissionDenied, HeadscaleServer.DoesNotExist, NetworkConflictError (`nothing_held`).
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "servers:write")
    _decide(actor, at, server, "DISMISSED")


def _decide(actor: Actor, at: datetime, server: HeadscaleServer, decision: str) -> None:
    with tenant_transaction(durable=True):
        held = HeadscaleServer.objects.filter(pk=server.pk, held_since_at__isnull=False)
        if not held.update(hold_decision=decision):
            sentence = _("보류된 목록이 없습니다. 그사이에 풀렸습니다.")
            raise NetworkConflictError("nothing_held", sentence)
        target = Target("server", str(server.pk), server.name)
        action = f"list.{decision.lower()}"
        record(actor=actor, action=action, target=target, at=at)
        transaction.on_commit(partial(tasks.publish, tasks.sync_server, server.pk))


def take_secret(*, actor: Actor, at: datetime, command_id: int, token: str) -> str:
    """Return the secret that a command made, once. This will delete it.

    Raises PermissionDenied, HeadscaleCommand.DoesNotExist, NetworkConflictError
    (`secret_shown_once`, `secret_not_ready`, `wrong_token`).
    """
    command = HeadscaleCommand.objects.get(pk=command_id)
    require(actor, PERMISSIONS[command.kind], company_code=command.company_code)
    if not command.sealed_secret:
        raise _no_secret(command)
    try:
        secret = unseal(command.sealed_secret, token)
    except WrongTokenError as error:
        sentence = _("꺼내기 토큰이 맞지 않습니다.")
        raise NetworkConflictError("wrong_token", sentence) from error
    with tenant_transaction(durable=True):
        taken = HeadscaleCommand.objects.filter(
            pk=command_id, sealed_secret=command.sealed_secret
        ).update(sealed_secret="")
        if not taken:
            raise _no_secret(command)
        target = Target("command", str(command_id), command.target_label)
        record(
            actor=actor,
            action="secret.read",
            target=target,
            at=at,
            company_code=command.company_code,
        )
    return secret


def _no_secret(command: HeadscaleCommand) -> NetworkConflictError:
    if command.state in (*WAITING, CommandState.RUNNING, CommandState.UNKNOWN):
        sentence = _("아직 만들고 있습니다. 잠시 뒤에 다시 확인해 주십시오.")
        return NetworkConflictError("secret_not_ready", sentence)
    sentence = _("비밀은 한 번만 보여 줍니다. 이미 꺼냈거나 10분이 지났습니다.")
    return NetworkConflictError("secret_shown_once", sentence)
