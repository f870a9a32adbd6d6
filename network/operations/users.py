"""Changes of an engine's users."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from network.models import (
    HeadscaleCommand,
    HeadscaleServer,
    HeadscaleUser,
    MachineProfile,
    PharmacyLink,
)
from network.operations.asking import (
    NetworkConflictError,
    check_value,
    ensure_user,
    of_server,
    refuse_missing,
    request_change,
)
from network.states import CommandKind
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target
from pharmacies.access.permissions import require
from pharmacies.models import Pharmacy
from pharmacies.tenancy import platform_context, tenant_transaction


def create_user(
    *, actor: Actor, at: datetime, pharmacy_id: int, server_id: int
) -> HeadscaleCommand | None:
    """Ask for the pharmacy's user on a server; None when it has one or one is on its way.

    Raises PermissionDenied, Pharmacy.DoesNotExist, HeadscaleServer.DoesNotExist.
    """
    pharmacy = Pharmacy.objects.get(pk=pharmacy_id)
    require(actor, "keys:create", company_code=pharmacy.company_id)
    server = HeadscaleServer.objects.get(pk=server_id)
    with tenant_transaction(durable=True):
        return ensure_user(actor, at, pharmacy, server)


def create_staff_user(
    *, actor: Actor, at: datetime, server_id: int, user_name: str, display_name: str = ""
) -> HeadscaleCommand:
    """Ask for a user that is no pharmacy's, such as one for the staff. Commits a command.

    Raises PermissionDenied, ValidationError, HeadscaleServer.DoesNotExist, NetworkConflictError
    (`user_exists`).
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "users:write")
    _check_names(user_name, display_name)
    _refuse_taken(server, user_name)
    request = of_server(
        server,
        CommandKind.CREATE_USER,
        Target("server", str(server.pk), user_name),
        user_name=user_name,
        display_name=display_name,
        staff=True,
    )
    return request_change(actor, at, request)


def rename_user(
    *, actor: Actor, at: datetime, user_number: int, user_name: str
) -> HeadscaleCommand:
    """Ask for another name of a user (our number). The pharmacy's link follows.

    Raises PermissionDenied, ValidationError, HeadscaleUser.DoesNotExist, NetworkConflictError
    (`user_exists`).
    """
    user = _listed_user(user_number)
    require(actor, "users:write")
    _check_names(user_name)
    _refuse_taken(user.server, user_name)
    request = of_server(
        user.server,
        CommandKind.RENAME_USER,
        Target("headscale_user", str(user.headscale_user_id), user.name),
        user_id=user.headscale_user_id,
        user_name=user_name,
    )
    return request_change(actor, at, request)


def destroy_user(*, actor: Actor, at: datetime, user_number: int) -> HeadscaleCommand:
    """Ask to remove a user (our number) that has neither machines nor a pharmacy.

    Raises PermissionDenied, HeadscaleUser.DoesNotExist, NetworkConflictError (`engine_lacks` on
    0.28, which would delete everyone's keys; `user_linked`; `user_not_empty` with the number).
    """
    user = _listed_user(user_number)
    require(actor, "users:write")
    refuse_missing(user.server, "users.destroy")
    _refuse_needed(user)
    request = of_server(
        user.server,
        CommandKind.DESTROY_USER,
        Target("headscale_user", str(user.headscale_user_id), user.name),
        user_id=user.headscale_user_id,
    )
    return request_change(actor, at, request)


def _listed_user(user_number: int) -> HeadscaleUser:
    return HeadscaleUser.objects.select_related("server").get(pk=user_number, gone_at=None)


def _check_names(user_name: str, display_name: str = "") -> None:
    rule = _("사용자 이름은 영문 소문자로 시작하고 소문자, 숫자, . _ - 로 2~50자입니다.")
    check_value("user_name", "user_name", user_name, (rule, "user_name_invalid"))
    if display_name:
        shown = _("표시 이름은 눈에 보이는 글자로 100자까지입니다.")
        check_value("display_name", "display_name", display_name, (shown, "invalid"))


def _refuse_taken(server: HeadscaleServer, user_name: str) -> None:
    if HeadscaleUser.objects.filter(server=server, name=user_name, gone_at=None).exists():
        sentence = _("엔진에 같은 이름의 사용자가 이미 있습니다: %(name)s") % {"name": user_name}
        raise NetworkConflictError("user_exists", sentence)


def _refuse_needed(user: HeadscaleUser) -> None:
    """Refuse a user that is a pharmacy's or has machines; everybody's machines count."""
    same = {"server_id": user.server_id, "headscale_user_id": user.headscale_user_id}
    with platform_context():
        linked = PharmacyLink.objects.filter(**same).select_related("pharmacy").first()
        machines = MachineProfile.objects.filter(**same, gone_at=None).count()
    if linked is not None:
        sentence = _("%(pharmacy)s의 사용자입니다. 먼저 약국 연결을 끊으십시오.")
        raise NetworkConflictError("user_linked", sentence % {"pharmacy": linked.pharmacy})
    if machines:
        sentence = _("이 사용자에게 머신이 %(count)d대 있어 지울 수 없습니다.")
        raise NetworkConflictError(
            "user_not_empty", sentence % {"count": machines}, {"machines": machines}
        )
