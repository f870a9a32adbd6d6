"""Who may do what: permissions are the scopes of the API, roles are sets of them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    ADMINISTRATOR = "ADMINISTRATOR", _("시스템 관리자")
    OPERATOR = "OPERATOR", _("운영자")
    VIEWER = "VIEWER", _("읽기 전용")
    PHARMACY_USER = "PHARMACY_USER", _("약국 사용자")


READ = frozenset(
    {
        "machines:read",
        "pharmacies:read",
        "commands:read",
        "screens:read",
        "audit:read",
        "metrics:read",
        "keys:read",
        "policy:read",
        "servers:read",
    }
)
OPERATE = frozenset(
    {
        "machines:rename",
        "machines:expire",
        "machines:delete",
        "machines:assign",
        "machines:tag",
        "machines:routes",
        "machines:move",
        "machines:register",
        "machines:describe",
        "users:write",
        "keys:create",
        "keys:expire",
        "servers:check",
        "pharmacies:write",
        "screens:write",
    }
)
ADMINISTER = frozenset(
    {
        "companies:write",
        "people:write",
        "tokens:write",
        "servers:write",
        "apikeys:write",
        "policy:write",
    }
)
PERMISSIONS = READ | OPERATE | ADMINISTER

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    Role.ADMINISTRATOR: PERMISSIONS,
    Role.OPERATOR: READ | OPERATE,
    Role.VIEWER: READ,
    Role.PHARMACY_USER: frozenset(
        {"machines:read", "pharmacies:read", "screens:read", "commands:read"}
    ),
}


def least_role(permission: str) -> Role:
    """Return the humblest role that has a permission, for sentences of refusal."""
    order = (Role.PHARMACY_USER, Role.VIEWER, Role.OPERATOR, Role.ADMINISTRATOR)
    return next(role for role in order if permission in ROLE_PERMISSIONS[role])
