"""Changes of keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from network.models import HeadscaleCommand, HeadscaleServer
from network.operations.asking import check_value, ensure_user, for_pharmacy, refuse, write
from network.states import CommandKind
from pharmacies.access.actor import Actor
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
    arguments = {
        "lifetime": order.lifetime,
        "reusable": order.reusable,
        "reason": order.reason,
        "ephemeral": order.ephemeral,
        "tags": list(order.tags),
    }
    with tenant_transaction(durable=True):
        ensure_user(actor, at, pharmacy, server)
        request = for_pharmacy(pharmacy, server, CommandKind.CREATE_PREAUTH_KEY, arguments)
        return write(actor, at, request, public_key=order.public_key)


def _check_order(order: KeyOrder) -> None:
    if order.reusable and not order.reason.strip():
        refuse("reason", _("여러 번 쓰는 키에는 이유를 적어 주십시오."), "reason_required")
    life_rule = _("유효 기간은 30m, 24h, 90d처럼 적고 90일까지입니다.")
    check_value("expires_in", "lifetime", order.lifetime, (life_rule, "invalid"))
    seconds = int(order.lifetime[:-1]) * _LIFE_SECONDS[order.lifetime[-1]]
    if seconds > MOST_KEY_LIFE.total_seconds():
        refuse("expires_in", life_rule, "invalid")
    for tag in order.tags:
        tag_rule = _("태그는 tag:pharmacy처럼 적습니다.")
        check_value("tags", "tags", tag, (tag_rule, "invalid"))
