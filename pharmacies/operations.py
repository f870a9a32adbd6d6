"""The write door of facts: companies and pharmacies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.access.permissions import require
from pharmacies.hangul import initials
from pharmacies.identifiers import format_phone, parse_business_number
from pharmacies.models import Company, Pharmacy
from pharmacies.tenancy import tenant_transaction

PHARMACY_FIELDS = ("pharmacy_name", "business_number", "manager_name", "phone")


class FactsConflictError(RuntimeError):
    """Something else still depends on this; `code` says what."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


def create_company(*, actor: Actor, at: datetime, company_code: str, name: str) -> Company:
    """Register a company. This will write its row and an audit event.

    Raises PermissionDenied, ValidationError.
    """
    require(actor, "companies:write")
    company = Company(company_code=company_code, name=name)
    company.full_clean()
    with tenant_transaction():
        company.save(force_insert=True)
        _record(actor, at, "company.create", company)
    return company


def rename_company(*, actor: Actor, at: datetime, company_id: int, name: str) -> Company:
    """Give a company another name; its code never changes, because rows everywhere carry it.

    Raises PermissionDenied, ValidationError, Company.DoesNotExist.
    """
    require(actor, "companies:write")
    company = Company.objects.get(pk=company_id)
    company.name = name
    company.full_clean()
    with tenant_transaction():
        company.save(update_fields=["name"])
        _record(actor, at, "company.rename", company)
    return company


def delete_company(*, actor: Actor, at: datetime, company_id: int) -> None:
    """Delete a company without pharmacies.

    Raises PermissionDenied, Company.DoesNotExist, FactsConflictError (`company_in_use`).
    """
    require(actor, "companies:write")
    company = Company.objects.get(pk=company_id)
    with tenant_transaction():
        _record(actor, at, "company.delete", company)
        try:
            company.delete()
        except ProtectedError as error:
            sentence = _(
                "약국이 남아 있는 회사는 삭제할 수 없습니다. 먼저 약국을 옮기거나 삭제하십시오."
            )
            raise FactsConflictError("company_in_use", sentence) from error


def create_pharmacy(
    *, actor: Actor, at: datetime, company_code: str, values: Mapping[str, Any]
) -> Pharmacy:
    """Register a pharmacy of a company; `values` holds some of PHARMACY_FIELDS.

    Raises PermissionDenied, ValidationError (checksum of the business number included).
    """
    require(actor, "pharmacies:write", company_code=company_code)
    pharmacy = Pharmacy(company_id=company_code)
    _fill(pharmacy, values)
    with tenant_transaction():
        pharmacy.save(force_insert=True)
        _record(actor, at, "pharmacy.create", pharmacy)
    return pharmacy


def update_pharmacy(
    *, actor: Actor, at: datetime, pharmacy_id: int, values: Mapping[str, Any]
) -> Pharmacy:
    """Change facts of a pharmacy; only the given fields, each of PHARMACY_FIELDS.

    Raises PermissionDenied, ValidationError, Pharmacy.DoesNotExist.
    """
    pharmacy = Pharmacy.objects.get(pk=pharmacy_id)
    require(actor, "pharmacies:write", company_code=pharmacy.company_id)
    before = {name: getattr(pharmacy, name) for name in values}
    _fill(pharmacy, values)
    changed = sorted(name for name in values if getattr(pharmacy, name) != before[name])
    with tenant_transaction():
        pharmacy.save(update_fields=[*changed, "initials", "updated_at"])
        _record(actor, at, "pharmacy.update", pharmacy, {"fields": changed})
    return pharmacy


def delete_pharmacy(*, actor: Actor, at: datetime, pharmacy_id: int) -> None:
    """Delete a pharmacy that is not linked to the network; its machines become unassigned.

    Raises PermissionDenied, Pharmacy.DoesNotExist, FactsConflictError (`pharmacy_in_use`).
    """
    pharmacy = Pharmacy.objects.get(pk=pharmacy_id)
    require(actor, "pharmacies:write", company_code=pharmacy.company_id)
    with tenant_transaction():
        _record(actor, at, "pharmacy.delete", pharmacy)
        try:
            pharmacy.delete()
        except ProtectedError as error:
            sentence = _("네트워크에 연결된 약국은 삭제할 수 없습니다. 먼저 연결을 끊어 주십시오.")
            raise FactsConflictError("pharmacy_in_use", sentence) from error


def _fill(pharmacy: Pharmacy, values: Mapping[str, Any]) -> None:
    """Set the fields in their stored form and check the whole row."""
    unknown = set(values) - set(PHARMACY_FIELDS)
    if unknown:
        raise ValueError(f"Not a fact of a pharmacy: {sorted(unknown)}")
    for name, value in values.items():
        setattr(pharmacy, name, value)
    pharmacy.business_number = pharmacy.business_number or None
    pharmacy.clean_fields()
    pharmacy.initials = initials(pharmacy.pharmacy_name)
    if pharmacy.business_number:
        pharmacy.business_number = parse_business_number(pharmacy.business_number)
    if pharmacy.phone:
        pharmacy.phone = format_phone(pharmacy.phone)
    pharmacy.full_clean()


def _record(
    actor: Actor,
    at: datetime,
    action: str,
    row: Company | Pharmacy,
    details: Mapping[str, object] | None = None,
) -> None:
    code = row.company_code if isinstance(row, Company) else row.company_id
    target = Target(action.split(".", maxsplit=1)[0], str(row.pk or ""), str(row))
    record(actor=actor, action=action, target=target, at=at, company_code=code, details=details)
