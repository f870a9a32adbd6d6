"""Every tenant row is read for named companies, or for the platform; never for nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db.models import Model

from pharmacies.models import Company, Pharmacy
from pharmacies.tenancy import (
    TenantContext,
    TenantManager,
    UnscopedAccessError,
    current_tenant,
    platform_context,
    tenant_context,
    tenant_transaction,
)

GANA = TenantContext(frozenset({"GANA"}))
# Read to find out who somebody is, before there can be a context.
ABOUT_PEOPLE = {"Membership", "ApiToken", "IdempotencyRecord"}
NOBODY = TenantContext(frozenset())


@pytest.fixture
def rows(db: None) -> None:
    with platform_context():
        for code in ("GANA", "NADA"):
            Company(company_code=code, name=code).save(force_insert=True)
            Pharmacy(company_id=code, pharmacy_name=f"{code} 약국").save(force_insert=True)


def test_there_is_no_context_to_begin_with() -> None:
    assert current_tenant() is None


@pytest.mark.parametrize(
    "read",
    [
        lambda: list(Pharmacy.objects.all()),
        lambda: Pharmacy.objects.filter(pk=1),
        lambda: Pharmacy.objects.count() + 1,
        lambda: Pharmacy.objects.create(company_id="GANA", pharmacy_name="x"),
        lambda: Pharmacy.objects.for_company("GANA"),
        lambda: Company.objects.get(company_code="GANA"),
        lambda: tenant_transaction().__enter__(),
    ],
)
def test_without_a_context_everything_is_refused(rows: None, read: Callable[[], object]) -> None:
    with pytest.raises(UnscopedAccessError):
        read()


def tables_with_a_company() -> list[type[Model]]:
    """Every table of the house that says whose its rows are."""
    return [
        table
        for table in apps.get_models()
        if "company_code" in {field.column for field in table._meta.concrete_fields}
    ]


@pytest.mark.parametrize("table", tables_with_a_company(), ids=lambda table: table.__name__)
def test_every_tenant_table_is_behind_the_door(db: None, table: type[Model]) -> None:
    if table.__name__ in ABOUT_PEOPLE:
        assert table._meta.app_label == "access"
        return

    assert isinstance(table._default_manager, TenantManager)
    with pytest.raises(UnscopedAccessError):
        table._default_manager.all()


@pytest.mark.parametrize(
    ("codes", "number"),
    [(None, 2), ({"GANA"}, 1), ({"GANA", "NADA"}, 2), ({"DARA"}, 0), (set(), 0)],
)
def test_a_context_shows_its_companies(rows: None, codes: set[str] | None, number: int) -> None:
    context = TenantContext(None if codes is None else frozenset(codes))

    with tenant_context(context):
        assert Pharmacy.objects.count() == number
        assert Company.objects.count() == number


def test_foreign_rows_are_neither_changed_nor_deleted(rows: None) -> None:
    with tenant_context(GANA):
        changed = Pharmacy.objects.filter(company_id="NADA").update(phone="1588-0000")
        deleted, _ = Pharmacy.objects.filter(company_id="NADA").delete()

    assert (changed, deleted) == (0, 0)


def test_one_company_of_several(rows: None) -> None:
    with platform_context():
        assert Pharmacy.objects.for_company("NADA").get().company_id == "NADA"
    with tenant_context(GANA), pytest.raises(UnscopedAccessError):
        Pharmacy.objects.for_company("NADA")


def test_rows_of_the_platform_are_for_the_platform() -> None:
    assert TenantContext(None).allows(None)
    assert TenantContext(None).allows("GANA")
    assert GANA.allows("GANA")
    assert not GANA.allows(None)
    assert not GANA.allows("NADA")
    assert not NOBODY.allows("GANA")


def test_a_context_ends_with_its_block() -> None:
    with platform_context():
        with tenant_context(GANA):
            assert current_tenant() == GANA
        assert current_tenant() == TenantContext(None)
    with pytest.raises(LookupError), tenant_context(GANA):
        raise LookupError
    assert current_tenant() is None
