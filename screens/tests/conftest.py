"""Three companies, the people who look at their screens, and the sample screen."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.test import Client

from pharmacies.access.actor import Actor, system_actor
from pharmacies.access.models import Membership, User
from pharmacies.access.roles import Role
from pharmacies.models import Company
from pharmacies.tenancy import platform_context
from screens.demo import create_demo_screen

AT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)
LATER = datetime(2026, 10, 5, 10, 0, tzinfo=UTC)
CODES = ("GANA", "NADA", "DARA")


@pytest.fixture
def platform(db: None) -> Iterator[None]:
    """The test's own reads; requests set a context of their own."""
    with platform_context():
        yield


@pytest.fixture
def actor() -> Actor:
    return system_actor("test")


@pytest.fixture
def companies(platform: None) -> tuple[str, ...]:
    for code in CODES:
        Company(company_code=code, name=f"{code} 약국").save(force_insert=True)
    return CODES


@pytest.fixture
def demo_screens(companies: tuple[str, ...], actor: Actor) -> tuple[str, ...]:
    """Screen 1383 for every company."""
    for code in companies:
        create_demo_screen(code, actor=actor, at=AT)
    return companies


def member(company_code: str | None, role: Role, name: str) -> User:
    user = User(username=name, is_staff=company_code is None)
    user.save(force_insert=True)
    Membership(user=user, company_code=company_code, role=role).save(force_insert=True)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def pharmacist(companies: tuple[str, ...]) -> Client:
    """A user of the company GANA."""
    return signed_in(member("GANA", Role.PHARMACY_USER, "gana"))


@pytest.fixture
def staff(companies: tuple[str, ...]) -> Client:
    """An administrator of the platform."""
    user = User(username="boss", is_staff=True, is_superuser=True)
    user.save(force_insert=True)
    return signed_in(user)
