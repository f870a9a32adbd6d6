"""Changes of the keys with which programs ask an engine from afar."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from network.models import HeadscaleApiKey, HeadscaleCommand, HeadscaleServer
from network.operations.asking import Request, of_server, refuse, request_change, write
from network.operations.keys import check_lifetime
from network.states import CommandKind
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target
from pharmacies.access.permissions import require
from pharmacies.tenancy import tenant_transaction


def create_api_key(
    *,
    actor: Actor,
    at: datetime,
    server_id: int,
    reason: str,
    public_key: str,
    lifetime: str = "90d",
) -> HeadscaleCommand:
    """Ask for a key with which a program may ask the engine; `public_key` seals the answer.

    Raises PermissionDenied, ValidationError (`reason_required`, `invalid`),
    HeadscaleServer.DoesNotExist.
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "apikeys:write")
    if not reason.strip():
        refuse("reason", _("무엇에 쓰는 키인지 적어 주십시오."), "reason_required")
    check_lifetime(lifetime)
    target = Target("server", str(server.pk), server.name)
    request = of_server(
        server, CommandKind.CREATE_API_KEY, target, lifetime=lifetime, reason=reason
    )
    with tenant_transaction(durable=True):
        return write(actor, at, request, public_key=public_key)


def expire_api_key(*, actor: Actor, at: datetime, key_number: int) -> HeadscaleCommand:
    """Ask to end a program's key (our number). Commits a command.

    Raises PermissionDenied, HeadscaleApiKey.DoesNotExist. The key on which we live ourselves is
    refused by the worker (`own_key`).
    """
    key = HeadscaleApiKey.objects.select_related("server").get(pk=key_number, gone_at=None)
    require(actor, "apikeys:write")
    return request_change(actor, at, _about_key(key, CommandKind.EXPIRE_API_KEY))


def delete_api_key(*, actor: Actor, at: datetime, key_number: int) -> HeadscaleCommand:
    """Ask to remove a program's key (our number). Commits a command.

    Raises PermissionDenied, HeadscaleApiKey.DoesNotExist.
    """
    key = HeadscaleApiKey.objects.select_related("server").get(pk=key_number, gone_at=None)
    require(actor, "apikeys:write")
    return request_change(actor, at, _about_key(key, CommandKind.DELETE_API_KEY))


def _about_key(key: HeadscaleApiKey, kind: CommandKind) -> Request:
    target = Target("api_key", str(key.pk), key.prefix)
    return of_server(key.server, kind, target, key_id=key.key_id)
