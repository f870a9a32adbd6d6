"""Letting in machines that wait, and giving machines the addresses they lack."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from network.models import HeadscaleCommand, HeadscaleServer, HeadscaleUser
from network.operations.asking import check_value, of_server, refuse_missing, request_change
from network.states import CommandKind
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target
from pharmacies.access.permissions import require


def register_node(
    *, actor: Actor, at: datetime, server_id: int, headscale_user_id: int, auth_id: str
) -> HeadscaleCommand:
    """Ask to let in a machine that waits, with the number its own page shows. Commits a command.

    The number has 24 characters up to 0.28 and begins with `hskey-authreq-` later. Raises
    PermissionDenied, ValidationError, HeadscaleServer.DoesNotExist, HeadscaleUser.DoesNotExist,
    NetworkConflictError (`engine_lacks`).
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "machines:register")
    user = HeadscaleUser.objects.get(
        server=server, headscale_user_id=headscale_user_id, gone_at=None
    )
    modern = auth_id.startswith("hskey-authreq-")
    rule = _("기기 화면에 나온 번호를 그대로 적어 주십시오.")
    check_value("auth_id", "auth_id" if modern else "registration_key", auth_id, (rule, "invalid"))
    refuse_missing(server, "auth" if modern else "nodes.register")
    target = Target("headscale_user", str(user.headscale_user_id), user.name)
    request = of_server(
        server, CommandKind.REGISTER_NODE, target, owner_name=user.name, auth_id=auth_id
    )
    return request_change(actor, at, request)


def answer_auth(
    *, actor: Actor, at: datetime, server_id: int, auth_id: str, approve: bool
) -> HeadscaleCommand:
    """Ask to approve or refuse a request that waits (0.29 and later). Commits a command.

    Raises PermissionDenied, ValidationError, HeadscaleServer.DoesNotExist, NetworkConflictError
    (`engine_lacks`).
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "machines:register")
    rule = _("hskey-authreq-로 시작하는 번호를 그대로 적어 주십시오.")
    check_value("auth_id", "auth_id", auth_id, (rule, "invalid"))
    refuse_missing(server, "auth")
    kind = CommandKind.APPROVE_AUTH if approve else CommandKind.REJECT_AUTH
    target = Target("server", str(server.pk), server.name)
    return request_change(actor, at, of_server(server, kind, target, auth_id=auth_id))


def backfill_ips(*, actor: Actor, at: datetime, server_id: int) -> HeadscaleCommand:
    """Ask to give machines the addresses they lack (0.27 and later). Commits a command.

    Raises PermissionDenied, HeadscaleServer.DoesNotExist, NetworkConflictError (`engine_lacks`).
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "servers:write")
    refuse_missing(server, "nodes.backfillips")
    target = Target("server", str(server.pk), server.name)
    return request_change(actor, at, of_server(server, CommandKind.BACKFILL_IPS, target))
