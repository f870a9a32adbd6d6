"""Roles, grants and tokens: who holds which right where."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from pharmacies.access import operations
from pharmacies.access.actor import session_actor, system_actor, token_actor
from pharmacies.access.models import ApiToken, AuditEvent, Membership
from pharmacies.access.permissions import require
from pharmacies.access.roles import OPERATE, PERMISSIONS, READ, ROLE_PERMISSIONS, Role, least_role
from pharmacies.access.tests.people import SYSTEM, person, token_of
from pharmacies.models import Company
from pharmacies.tenancy import platform_context

AT = datetime(2026, 10, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _platform(db: None) -> Iterator[None]:
    with platform_context():
        yield


def test_each_role_holds_what_the_humbler_ones_hold() -> None:
    assert ROLE_PERMISSIONS[Role.PHARMACY_USER] < ROLE_PERMISSIONS[Role.VIEWER]
    assert ROLE_PERMISSIONS[Role.VIEWER] == READ
    assert ROLE_PERMISSIONS[Role.OPERATOR] == READ | OPERATE
    assert ROLE_PERMISSIONS[Role.ADMINISTRATOR] == PERMISSIONS


@pytest.mark.parametrize(
    ("permission", "role"),
    [
        ("machines:read", Role.PHARMACY_USER),
        ("audit:read", Role.VIEWER),
        ("machines:rename", Role.OPERATOR),
        ("tokens:write", Role.ADMINISTRATOR),
    ],
)
def test_the_humblest_role(permission: str, role: Role) -> None:
    assert least_role(permission) is role


def test_a_right_on_the_platform_counts_everywhere() -> None:
    actor = session_actor(person("p", Role.OPERATOR))

    assert actor.may("machines:rename")
    assert actor.may("machines:rename", "GANA")
    assert actor.company_codes is None
    assert not actor.may("tokens:write")


def test_a_right_in_a_company_counts_there() -> None:
    user = person("p", Role.OPERATOR, "GANA")
    Membership(user=user, role=Role.VIEWER, company_code="NADA").save()
    actor = session_actor(user)

    assert actor.may("machines:rename", "GANA")
    assert not actor.may("machines:rename", "NADA")
    assert not actor.may("machines:rename")
    assert actor.may("machines:read", "NADA")
    assert actor.company_codes == frozenset({"GANA", "NADA"})


def test_who_left_has_no_right() -> None:
    user = person("p", Role.ADMINISTRATOR)
    user.is_active = False

    assert not session_actor(user).may_anywhere("machines:read")


def test_a_superuser_is_an_administrator_of_the_platform() -> None:
    user = person("p")
    user.is_superuser = True

    assert session_actor(user).may("people:write")


def test_the_system_is_named() -> None:
    assert system_actor("sync").label == "system:sync"
    assert system_actor("sync").may("machines:delete", "GANA")


def test_a_refusal_without_administrators() -> None:
    with pytest.raises(PermissionDenied, match="아직 없습니다"):
        require(session_actor(person("p")), "machines:rename")


def test_one_place_a_company_and_one_on_the_platform() -> None:
    for code in (None, "GANA"):
        user = person(f"p-{code}", Role.VIEWER, code)
        with pytest.raises(IntegrityError), transaction.atomic():
            Membership(user=user, role=Role.OPERATOR, company_code=code).save(force_insert=True)


@pytest.mark.parametrize(
    ("scopes", "days", "field"),
    [
        ([], 1, "scopes"),
        (["machines:everything"], 1, "scopes"),
        (["machines:read"], 0, "days"),
        (["machines:read"], 731, "days"),
    ],
)
def test_senseless_tokens_are_refused(scopes: list[str], days: int, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        token_of(person("p", Role.VIEWER), scopes, days=days)

    assert list(refused.value.message_dict) == [field]
    assert not ApiToken.objects.exists()


def test_a_token_is_made_and_recorded_without_its_secret() -> None:
    secret = token_of(person("p", Role.VIEWER), ["machines:read"], days=30)

    token, event = ApiToken.objects.get(), AuditEvent.objects.get()
    assert token.scopes == ["machines:read"]
    assert (token.expiry - token.created).days in (29, 30)
    assert event.action == "token.create"
    assert secret not in str(vars(event))
    assert secret[8:] not in str(vars(token))


def test_a_bound_token_keeps_to_its_company() -> None:
    user = person("p", Role.OPERATOR)
    with platform_context():
        Company(company_code="GANA", name="가나").save(force_insert=True)
    token_of(user, ["machines:rename"], company_code="GANA")

    actor = token_actor(user, ApiToken.objects.get())

    assert actor.may("machines:rename", "GANA")
    assert not actor.may("machines:rename", "NADA")
    assert not actor.may("machines:rename")
    assert not actor.may("machines:read", "GANA")
    assert actor.company_codes == frozenset({"GANA"})


def test_a_token_for_a_company_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="그런 회사가 없습니다"):
        token_of(person("p", Role.OPERATOR), ["machines:read"], company_code="없는회사")

    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER, Role.PHARMACY_USER])
def test_only_administrators_deal_with_people_and_tokens(role: Role) -> None:
    by = session_actor(person("p", role, "GANA" if role is Role.PHARMACY_USER else None))
    other = person("other", Role.VIEWER)
    held = Membership.objects.get(user=other)
    token_of(other, ["machines:read"])
    events = AuditEvent.objects.count()

    with pytest.raises(PermissionDenied):
        operations.create_token(
            actor=by, at=AT, user=other, name="x", scopes=["machines:read"], days=1
        )
    with pytest.raises(PermissionDenied):
        operations.revoke_token(actor=by, at=AT, token=ApiToken.objects.get())
    with pytest.raises(PermissionDenied):
        operations.store_user(actor=by, at=AT, user=other, changed=["is_superuser"])
    with pytest.raises(PermissionDenied):
        operations.store_password(actor=by, at=AT, user=other)
    with pytest.raises(PermissionDenied):
        operations.grant_role(actor=by, at=AT, membership=held)
    with pytest.raises(PermissionDenied):
        operations.revoke_role(actor=by, at=AT, membership=held)
    assert AuditEvent.objects.count() == events


def test_a_revoked_token_is_gone() -> None:
    token_of(person("p", Role.VIEWER), ["machines:read"])

    operations.revoke_token(actor=SYSTEM, at=AT, token=ApiToken.objects.get())

    assert not ApiToken.objects.exists()
    assert AuditEvent.objects.filter(action="token.revoke").count() == 1
