"""The read door of facts."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from pharmacies.models import Pharmacy


def pharmacies(*, text: str = "", company_code: str | None = None) -> QuerySet[Pharmacy]:
    """Return the tenant's pharmacies by name; `text` is searched in name, number and people."""
    rows = Pharmacy.objects.select_related("company").order_by("pharmacy_name", "pk")
    if company_code is not None:
        rows = rows.filter(company_id=company_code)
    for word in text.split()[:5]:
        rows = rows.filter(
            Q(pharmacy_name__icontains=word)
            | Q(business_number__contains=word.replace("-", ""))
            | Q(manager_name__icontains=word)
            | Q(phone__contains=word)
        )
    return rows
