"""The write door of people and programs: their roles, passwords and tokens."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.access.models import ApiToken, Membership, User
from pharmacies.access.permissions import require
from pharmacies.access.roles import PERMISSIONS
from pharmacies.models import Company
from pharmacies.tenancy import platform_context, tenant_transaction

MOST_DAYS = 730


def create_token(
    *,
    actor: Actor,
    at: datetime,
    user: User,
    name: str,
    scopes: Collection[str],
    days: int,
    company_code: str | None = None,
) -> str:
    """Make an API token of a user and return its secret, this once; only its digest is stored.

    Raises PermissionDenied, ValidationError (unknown scopes, days outside of 1 … 730, a company
    that does not exist).
    """
    require(actor, "tokens:write", company_code=company_code)
    _check_token(scopes, days)
    _check_company(company_code)
    with tenant_transaction():
        token, secret = ApiToken.objects.create(
            user=user,
            expiry=timedelta(days=days),
            name=name,
            scopes=sorted(scopes),
            company_code=company_code,
        )
        target = Target("token", token.token_key, name)
        details = {"scopes": sorted(scopes), "days": days, "user": user.username}
        record(
            actor=actor,
            action="token.create",
            target=target,
            at=at,
            company_code=company_code,
            details=details,
        )
    return str(secret)


def _check_token(scopes: Collection[str], days: int) -> None:
    unknown = sorted(set(scopes) - PERMISSIONS)
    if unknown or not scopes:
        known = ", ".join(sorted(PERMISSIONS))
        sentence = _("알 수 없는 권한 범위입니다: %(unknown)s. 쓸 수 있는 것: %(known)s")
        values = {"unknown": ", ".join(unknown) or "-", "known": known}
        raise ValidationError({"scopes": sentence % values})
    if not 1 <= days <= MOST_DAYS:
        raise ValidationError({"days": _("유효 기간은 1일에서 730일까지입니다.")})


def revoke_token(*, actor: Actor, at: datetime, token: ApiToken) -> None:
    """End an API token at once. This will delete its row.

    Raises PermissionDenied.
    """
    require(actor, "tokens:write", company_code=token.company_code)
    with tenant_transaction():
        record(
            actor=actor,
            action="token.revoke",
            target=Target("token", token.token_key, token.name),
            at=at,
            company_code=token.company_code,
        )
        token.delete()


def grant_role(*, actor: Actor, at: datetime, membership: Membership) -> Membership:
    """Store someone's role in a company, or on the platform. This will write an audit event.

    Raises PermissionDenied, ValidationError (a company that does not exist).
    """
    require(actor, "people:write")
    _check_company(membership.company_code)
    with tenant_transaction():
        membership.save()
        _record_role(actor, at, "membership.grant", membership)
    return membership


def revoke_role(*, actor: Actor, at: datetime, membership: Membership) -> None:
    """Take someone's role away. This will delete its row.

    Raises PermissionDenied.
    """
    require(actor, "people:write")
    with tenant_transaction():
        _record_role(actor, at, "membership.revoke", membership)
        membership.delete()


def _record_role(actor: Actor, at: datetime, action: str, membership: Membership) -> None:
    record(
        actor=actor,
        action=action,
        target=Target("user", str(membership.user_id), membership.user.username),
        at=at,
        company_code=membership.company_code,
        details={"role": membership.role},
    )


def store_password(*, actor: Actor, at: datetime, user: User) -> None:
    """Store a password that was set on the row. This will write that, but not what, it is.

    Raises PermissionDenied.
    """
    require(actor, "people:write")
    with tenant_transaction():
        user.save(update_fields=["password"])
        record(
            actor=actor,
            action="user.password",
            target=Target("user", str(user.pk), user.username),
            at=at,
        )


def create_first_administrator(
    *, actor: Actor, at: datetime, username: str, password: str
) -> User | None:
    """Make the first administrator; None when there is one already.

    Raises PermissionDenied.
    """
    require(actor, "people:write")
    if User.objects.filter(is_superuser=True).exists():
        return None
    with tenant_transaction():
        user = User.objects.create_superuser(username=username, password=password)
        target = Target("user", str(user.pk), user.username)
        record(actor=actor, action="user.create", target=target, at=at)
    return user


def store_user(*, actor: Actor, at: datetime, user: User, changed: Collection[str]) -> User:
    """Store a person as filled in; `changed` names the fields for the record, never a password.

    Raises PermissionDenied; nobody but an administrator may make or change administrators.
    """
    require(actor, "people:write")
    action = "user.update" if user.pk else "user.create"
    with tenant_transaction():
        user.save()
        record(
            actor=actor,
            action=action,
            target=Target("user", str(user.pk), user.username),
            at=at,
            details={"fields": sorted(changed)},
        )
    return user


def _check_company(company_code: str | None) -> None:
    """Let the platform and existing companies through."""
    if company_code is None:
        return
    with platform_context():
        known = Company.objects.filter(company_code=company_code).exists()
    if not known:
        raise ValidationError({"company_code": _("그런 회사가 없습니다.")})
