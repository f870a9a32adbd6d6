"""What can be done with a command: take it back, take its secret; and with a held list."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

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
    """Record that a person takes the next list of a server as it is, whatever the guard says.

    Raises PermissionDenied, HeadscaleServer.DoesNotExist.
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "servers:write")
    with tenant_transaction():
        target = Target("server", str(server.pk), server.name)
        record(actor=actor, action="list.accept", target=target, at=at)


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
