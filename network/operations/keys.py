"""Changes of the keys with which machines join."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from network.models import HeadscaleCommand, HeadscalePreAuthKey, HeadscaleServer, HeadscaleUser
from network.operations.asking import (
    Request,
    check_value,
    ensure_user,
    for_pharmacy,
    refuse,
    refuse_missing,
    request_change,
    write,
)
from network.states import CommandKind
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target
from pharmacies.access.permissions import require
from pharmacies.models import Pharmacy
from pharmacies.tenancy import tenant_transaction

MOST_KEY_LIFE = timedelta(days=90)
_LIFE_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """What a pre-auth key shall be: `lifetime` like `24h`; `public_key` seals the answer."""

    public_key: str
    lifetime: str = "24h"
    reusable: bool = False
    reason: str = ""
    ephemeral: bool = False
    tags: tuple[str, ...] = ()

    @property
    def arguments(self) -> dict[str, object]:
        """The order as a command keeps it."""
        return {
            "lifetime": self.lifetime,
            "reusable": self.reusable,
            "reason": self.reason,
            "ephemeral": self.ephemeral,
            "tags": list(self.tags),
        }


def create_preauth_key(
    *, actor: Actor, at: datetime, pharmacy_id: int, server_id: int, order: KeyOrder
) -> HeadscaleCommand:
    """Ask for a key with which machines of a pharmacy join. This will commit a command.

    A pharmacy without a user on the server gets one first, by a command of its own in the same
    lane. Raises PermissionDenied, ValidationError (`reason_required` and others),
    Pharmacy.DoesNotExist, HeadscaleServer.DoesNotExist.
    """
    pharmacy = Pharmacy.objects.get(pk=pharmacy_id)
    require(actor, "keys:create", company_code=pharmacy.company_id)
    server = HeadscaleServer.objects.get(pk=server_id)
    _check_order(order)
    with tenant_transaction(durable=True):
        ensure_user(actor, at, pharmacy, server)
        request = for_pharmacy(pharmacy, server, CommandKind.CREATE_PREAUTH_KEY, order.arguments)
        return write(actor, at, request, public_key=order.public_key)


def create_user_key(
    *, actor: Actor, at: datetime, server_id: int, owner: int | str | None, order: KeyOrder
) -> HeadscaleCommand:
    """Ask for a key of a user, by the engine's number or name, or (None) of its tags alone.

    Raises PermissionDenied, ValidationError (`user_or_tags`, `user_unknown` and others),
    HeadscaleServer.DoesNotExist, NetworkConflictError (`engine_lacks`).
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "keys:create")
    _check_order(order)
    user = None if owner is None else _user_of(server, owner)
    if user is None:
        refuse_missing(server, "preauthkeys.tags_only")
        if not order.tags:
            refuse("user", _("키에는 사용자나 태그가 있어야 합니다."), "user_or_tags")
    target = Target("server", str(server.pk), user.name if user else ", ".join(order.tags))
    arguments = {**order.arguments, "user_id": user.headscale_user_id if user else None}
    request = Request(CommandKind.CREATE_PREAUTH_KEY, server.pk, None, target, arguments)
    with tenant_transaction(durable=True):
        return write(actor, at, request, public_key=order.public_key)


def expire_preauth_key(*, actor: Actor, at: datetime, key_number: int) -> HeadscaleCommand:
    """Ask to end a key (our number): nobody can join with it any more. Commits a command.

    Raises PermissionDenied, HeadscalePreAuthKey.DoesNotExist.
    """
    key = HeadscalePreAuthKey.objects.select_related("server").get(pk=key_number, gone_at=None)
    require(actor, "keys:expire", company_code=key.company_code)
    return request_change(actor, at, _about_key(key, CommandKind.EXPIRE_PREAUTH_KEY))


def delete_preauth_key(*, actor: Actor, at: datetime, key_number: int) -> HeadscaleCommand:
    """Ask to remove a key (our number; 0.28 and later). Commits a command.

    Raises PermissionDenied, HeadscalePreAuthKey.DoesNotExist, NetworkConflictError
    (`engine_lacks`).
    """
    key = HeadscalePreAuthKey.objects.select_related("server").get(pk=key_number, gone_at=None)
    require(actor, "keys:expire", company_code=key.company_code)
    refuse_missing(key.server, "preauthkeys.delete")
    return request_change(actor, at, _about_key(key, CommandKind.DELETE_PREAUTH_KEY))


def _about_key(key: HeadscalePreAuthKey, kind: CommandKind) -> Request:
    return Request(
        kind=kind,
        server_id=key.server_id,
        company_code=key.company_code,
        target=Target("preauth_key", str(key.pk), str(key)[:255]),
        arguments={"key_id": key.key_id},
        columns={"pharmacy_id": key.pharmacy_id},
    )


def _user_of(server: HeadscaleServer, owner: int | str) -> HeadscaleUser:
    """Find a user by number, or by a name that exactly one user has."""
    column = "headscale_user_id" if isinstance(owner, int) else "name"
    found = HeadscaleUser.objects.filter(server=server, gone_at=None, **{column: owner})[:2]
    if len(found) > 1:
        refuse("user", _("같은 이름의 사용자가 여럿입니다. 번호로 지정하십시오."), "ambiguous")
    if not found:
        refuse("user", _("이 서버에 그런 네트워크 사용자가 없습니다."), "user_unknown")
    return found[0]


def _check_order(order: KeyOrder) -> None:
    if order.reusable and not order.reason.strip():
        refuse("reason", _("여러 번 쓰는 키에는 이유를 적어 주십시오."), "reason_required")
    check_lifetime(order.lifetime)
    for tag in order.tags:
        tag_rule = _("태그는 tag:pharmacy처럼 적습니다.")
        check_value("tags", "tags", tag, (tag_rule, "invalid"))


def check_lifetime(lifetime: str) -> None:
    """Refuse how long a key shall live unless it is like `24h` and at most 90 days."""
    life_rule = _("유효 기간은 30m, 24h, 90d처럼 적고 90일까지입니다.")
    check_value("expires_in", "lifetime", lifetime, (life_rule, "invalid"))
    seconds = int(lifetime[:-1]) * _LIFE_SECONDS[lifetime[-1]]
    if seconds > MOST_KEY_LIFE.total_seconds():
        refuse("expires_in", life_rule, "invalid")
