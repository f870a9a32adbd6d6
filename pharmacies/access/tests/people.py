"""People and programs of the tests: who signs in, and with which right."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from rest_framework.test import APIClient

from pharmacies.access.actor import system_actor
from pharmacies.access.models import Membership, User
from pharmacies.access.operations import create_token
from pharmacies.access.roles import PERMISSIONS, Role
from pharmacies.tenancy import platform_context

SYSTEM = system_actor("test")


def person(name: str, role: Role | None = None, company_code: str | None = None) -> User:
    """Someone with a role on the platform or in a company; staff unless a pharmacy's user."""
    user = User(username=name, is_staff=role is not Role.PHARMACY_USER)
    user.is_superuser = role is Role.ADMINISTRATOR and company_code is None
    user.save(force_insert=True)
    if role is not None:
        Membership(user=user, role=role, company_code=company_code).save(force_insert=True)
    return user


def token_of(
    user: User,
    scopes: Collection[str] = PERMISSIONS,
    *,
    company_code: str | None = None,
    days: int = 1,
) -> str:
    with platform_context():
        return create_token(
            actor=SYSTEM,
            at=datetime.now(UTC),
            user=user,
            name=f"of {user.username}",
            scopes=scopes,
            days=days,
            company_code=company_code,
        )


def program(token: str) -> APIClient:
    """A client of the API that sends a token and speaks JSON."""
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Token {token}")
    return client


def browser(user: User, *, csrf: bool = False) -> APIClient:
    """A client with the session of a person."""
    client = APIClient(enforce_csrf_checks=csrf, raise_request_exception=False)
    client.force_login(user)
    return client
