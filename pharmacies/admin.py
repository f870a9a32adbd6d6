"""Companies in the administration; pharmacies are registered where they meet their machines."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from pharmacies import operations
from pharmacies.access.staff import StaffAdmin, staff_actor
from pharmacies.models import Company
from pharmacies.operations import FactsConflictError


@admin.register(Company)
class CompanyAdmin(StaffAdmin):
    """Companies: the code is given once, the name may change."""

    read_permission = "pharmacies:read"
    write_permission = "companies:write"
    list_display = ["name", "company_code", "created_at"]
    search_fields = ["name", "company_code"]
    ordering = ["company_code"]
    list_select_related = False
    fields = ["company_code", "name"]
    actions = None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["company_code"] if obj else []

    def save_model(self, request: HttpRequest, obj: Company, form: Any, change: bool) -> None:
        actor, at = staff_actor(request), timezone.now()
        if change:
            operations.rename_company(actor=actor, at=at, company_id=obj.pk, name=obj.name)
            return
        made = operations.create_company(
            actor=actor, at=at, company_code=obj.company_code, name=obj.name
        )
        obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Company) -> None:
        operations.delete_company(actor=staff_actor(request), at=timezone.now(), company_id=obj.pk)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)  # type: ignore[no-any-return]  # Unfold ships no types
        except FactsConflictError as error:
            return self.refused_page(request, error)
