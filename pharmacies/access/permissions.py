"""The one question that each operation asks first."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from pharmacies.access.actor import Actor
from pharmacies.access.models import User
from pharmacies.access.roles import Role, least_role


def require(actor: Actor, permission: str, *, company_code: str | None = None) -> None:
    """Return when the actor holds the permission for the company, else raise PermissionDenied.

    `company_code` None asks for the platform's own rows. The sentence names the role needed and
    the administrators who can give it.
    """
    if actor.may(permission, company_code):
        return
    raise PermissionDenied(
        _("이 작업에는 ‘%(role)s’ 권한이 필요합니다. 관리자: %(people)s")
        % {"role": least_role(permission).label, "people": _administrators()}
    )


def _administrators() -> str:
    people = User.objects.filter(is_superuser=True, is_active=True).order_by("id")[:3]
    return ", ".join(str(person) for person in people) or _("아직 없습니다")


__all__ = ["Role", "require"]
