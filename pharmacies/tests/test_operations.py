"""Facts are changed through operations: a right first, then the checks, then row and record."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from pharmacies import operations, queries
from pharmacies.access.actor import Actor, session_actor
from pharmacies.access.models import AuditEvent
from pharmacies.access.roles import Role
from pharmacies.access.tests.people import SYSTEM, person
from pharmacies.models import Company, Pharmacy
from pharmacies.operations import FactsConflictError
from pharmacies.tenancy import platform_context

AT = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _platform(db: None) -> Iterator[None]:
    with platform_context():
        for code in ("GANA", "NADA"):
            Company(company_code=code, name=code).save(force_insert=True)
        yield


def actor(role: Role, company_code: str | None = None) -> Actor:
    return session_actor(person(f"{role}-{company_code}", role, company_code))


def create(by: Actor = SYSTEM, code: str = "GANA", **values: Any) -> Pharmacy:
    given = {"pharmacy_name": "가나약국", **values}
    return operations.create_pharmacy(actor=by, at=AT, company_code=code, values=given)


def actions() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("action", flat=True))


def test_a_pharmacy_is_stored_in_its_stored_form() -> None:
    made = create(business_number="124-81-00998", phone="0212345678", manager_name="김약사")

    kept = Pharmacy.objects.get(pk=made.pk)
    assert (kept.business_number, kept.phone) == ("1248100998", "02-1234-5678")
    event = AuditEvent.objects.get()
    assert (event.at, event.action, event.company_code) == (AT, "pharmacy.create", "GANA")
    assert event.target_id == str(made.pk)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"pharmacy_name": ""}, "pharmacy_name"),
        ({"pharmacy_name": "가" * 101}, "pharmacy_name"),
        ({"business_number": "1248100999"}, "business_number"),
        ({"business_number": "12481"}, "business_number"),
        ({"phone": "1"}, "phone"),
        ({"manager_name": "가" * 51}, "manager_name"),
    ],
)
def test_wrong_facts_are_refused(values: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        create(**values)

    assert list(refused.value.message_dict) == [field]
    assert actions() == []


def test_facts_that_do_not_exist_are_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="headscale_user_name"):
        create(headscale_user_name="someone")


def test_a_business_number_is_one_pharmacys() -> None:
    create(business_number="1248100998")

    with pytest.raises(ValidationError):
        create(business_number="124-81-00998", code="NADA")
    with pytest.raises(IntegrityError), transaction.atomic():
        Pharmacy(company_id="NADA", pharmacy_name="x", business_number="1248100998").save(
            force_insert=True
        )


@pytest.mark.parametrize("empty", [None, ""])
def test_many_may_have_no_business_number(empty: str | None) -> None:
    made = [create(business_number=empty) for _ in range(3)]

    assert {one.business_number for one in made} == {None}


def test_only_what_differs_is_recorded() -> None:
    made = create(phone="0212345678")

    operations.update_pharmacy(
        actor=SYSTEM,
        at=AT,
        pharmacy_id=made.pk,
        values={"phone": "02-1234-5678", "manager_name": "박약사"},
    )

    event = AuditEvent.objects.get(action="pharmacy.update")
    assert event.details == {"fields": ["manager_name"]}


def test_a_pharmacy_goes_with_a_record() -> None:
    made = create()

    operations.delete_pharmacy(actor=SYSTEM, at=AT, pharmacy_id=made.pk)

    assert not Pharmacy.objects.exists()
    assert actions() == ["pharmacy.create", "pharmacy.delete"]


def test_a_company_with_pharmacies_stays() -> None:
    create()
    company = Company.objects.get(company_code="GANA")

    with pytest.raises(FactsConflictError) as refused:
        operations.delete_company(actor=SYSTEM, at=AT, company_id=company.pk)

    assert refused.value.code == "company_in_use"
    assert actions() == ["pharmacy.create"]
    assert Company.objects.filter(pk=company.pk).exists()


@pytest.mark.parametrize("code", ["", "a b", "-a", "가나", "x" * 21, "GANA\n", "GANA"])
def test_company_codes(code: str) -> None:
    with pytest.raises(ValidationError):
        operations.create_company(actor=SYSTEM, at=AT, company_code=code, name="이름")


@pytest.mark.parametrize(
    ("role", "company_code"),
    [(Role.VIEWER, None), (Role.PHARMACY_USER, "GANA"), (Role.OPERATOR, "NADA")],
)
def test_who_may_not_touch_a_pharmacy(role: Role, company_code: str | None) -> None:
    made, by = create(), actor(role, company_code)

    with pytest.raises(PermissionDenied, match="권한이 필요합니다"):
        create(by)
    with pytest.raises(PermissionDenied):
        operations.update_pharmacy(actor=by, at=AT, pharmacy_id=made.pk, values={"phone": ""})
    with pytest.raises(PermissionDenied):
        operations.delete_pharmacy(actor=by, at=AT, pharmacy_id=made.pk)
    assert actions() == ["pharmacy.create"]


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.VIEWER])
def test_companies_are_for_administrators(role: Role) -> None:
    by, company = actor(role), Company.objects.get(company_code="GANA")

    with pytest.raises(PermissionDenied):
        operations.create_company(actor=by, at=AT, company_code="DARA", name="다라")
    with pytest.raises(PermissionDenied):
        operations.rename_company(actor=by, at=AT, company_id=company.pk, name="x")
    with pytest.raises(PermissionDenied):
        operations.delete_company(actor=by, at=AT, company_id=company.pk)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["가나약국", "나다약국"]),
        ("가나", ["가나약국"]),
        ("124-81", ["나다약국"]),
        ("박약사", ["나다약국"]),
        ("나다 박", ["나다약국"]),
        ("없음", []),
        ("%", []),
    ],
)
def test_searching(text: str, names: list[str]) -> None:
    create()
    create(pharmacy_name="나다약국", business_number="1248100998", manager_name="박약사")

    assert [one.pharmacy_name for one in queries.pharmacies(text=text)] == names


def test_the_table_of_the_original() -> None:
    columns = {field.column for field in Pharmacy._meta.get_fields() if hasattr(field, "column")}

    assert Pharmacy._meta.db_table == "pharmacy_info"
    assert {"id", "pharmacy_name", "business_number", "manager_name"} <= columns
    assert {"headscale_user_name", "company_code"} <= columns
    with pytest.raises(IntegrityError), transaction.atomic():
        Pharmacy(company_id=None, pharmacy_name="x").save(force_insert=True)  # type: ignore[misc]  # what the database refuses
