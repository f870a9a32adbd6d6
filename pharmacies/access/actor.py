"""Who acts: a person in a session, a program with a token, or the system itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db.models import prefetch_related_objects

from pharmacies.access.models import ApiToken, User
from pharmacies.access.roles import PERMISSIONS, ROLE_PERMISSIONS, Role
from pharmacies.tenancy import TenantContext


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone on whose behalf an operation runs.

    `grants` maps a company code (None = the platform) to the permissions held there; `scopes`
    limits them further for a token (None = no limit).
    """

    label: str
    user: User | None = None
    scopes: frozenset[str] | None = None
    grants: Mapping[str | None, frozenset[str]] = field(default_factory=dict)

    @property
    def company_codes(self) -> frozenset[str] | None:
        """The companies whose rows may be seen; None = all of them, for staff of the platform."""
        if None in self.grants:
            return None
        return frozenset(code for code in self.grants if code is not None)

    @property
    def tenant(self) -> TenantContext:
        return TenantContext(company_codes=self.company_codes)

    def may(self, permission: str, company_code: str | None = None) -> bool:
        """Say whether the permission is held for a company (None: for the platform's own rows)."""
        if self.scopes is not None and permission not in self.scopes:
            return False
        if permission in self.grants.get(None, frozenset()):
            return True
        return company_code is not None and permission in self.grants.get(company_code, frozenset())

    def may_anywhere(self, permission: str) -> bool:
        """Say whether the permission is held for any company at all."""
        return any(self.may(permission, company_code) for company_code in self.grants)


def system_actor(name: str) -> Actor:
    """Return the actor of a worker or a management command: `system:<name>`, with every right."""
    return Actor(label=f"system:{name}", grants={None: PERMISSIONS})


def session_actor(user: User) -> Actor:
    """Return the actor of a signed-in person; an inactive one has no rights at all."""
    return Actor(label=f"user:{user.username}", user=user, grants=_grants(user))


def token_actor(user: User, token: ApiToken) -> Actor:
    """Return the actor of a program: its owner's rights within the token's scopes and company."""
    grants = _grants(user)
    if token.company_code:
        held = grants.get(None, frozenset()) | grants.get(token.company_code, frozenset())
        grants = {token.company_code: held}
    return Actor(
        label=f"token:{token.token_key[:8]}",
        user=user,
        scopes=frozenset(token.scopes),
        grants=grants,
    )


def _grants(user: User) -> dict[str | None, frozenset[str]]:
    if not user.is_active:
        return {}
    if user.is_superuser:
        return {None: ROLE_PERMISSIONS[Role.ADMINISTRATOR]}
    # The request's user keeps them, however often the page asks who is acting.
    prefetch_related_objects([user], "memberships")
    return {
        membership.company_code: ROLE_PERMISSIONS.get(membership.role, frozenset())
        for membership in user.memberships.all()
    }
