"""Pharmacies in the administration: facts, and how many of their machines are there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from network.fleet.consistency_page import consistency_page
from network.fleet.queries import PharmacyPresence, PharmacyWithPresence, pharmacies_with_presence
from network.looks import PHARMACY_LOOKS
from pharmacies import operations
from pharmacies.access.staff import StaffAdmin, staff_actor
from pharmacies.identifiers import format_business_number
from pharmacies.models import Pharmacy
from pharmacies.operations import PHARMACY_FIELDS, FactsConflictError


class PharmacyForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """Facts as people write them; the company is added per request, for the person's tenant."""

    class Meta:
        model = Pharmacy
        fields = list(PHARMACY_FIELDS)

    def clean_business_number(self) -> str | None:
        return self.cleaned_data["business_number"] or None


class PresenceFilter(admin.SimpleListFilter):
    """Keeps the pharmacies of one state, so that each number of the dashboard is a list."""

    title = gettext_lazy("상태")
    parameter_name = "presence"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status, str(look.word)) for status, look in PHARMACY_LOOKS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        none, all_fresh = Q(machine_count=0), Q(fresh_count=F("machine_count"))
        everyone = Q(online_count=F("machine_count"))
        conditions = {
            "ok": all_fresh & everyone & ~none,
            "partial": all_fresh & ~everyone & Q(online_count__gt=0),
            "down": all_fresh & Q(online_count=0) & ~none,
            "unknown": ~none & Q(fresh_count__lt=F("machine_count")),
            "inactive": none,
        }
        condition = conditions.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition)


@admin.register(Pharmacy)
class PharmacyAdmin(StaffAdmin):
    """The one place where pharmacies are listed and edited."""

    read_permission = "pharmacies:read"
    write_permission = "pharmacies:write"
    form = PharmacyForm
    list_display = ["presence", "pharmacy_name", "machines", "shown_number", "phone", "company"]
    list_display_links = ["pharmacy_name"]
    list_filter = [PresenceFilter, "company"]
    search_fields = ["pharmacy_name", "business_number", "manager_name", "phone"]
    ordering = ["pharmacy_name", "pk"]
    list_select_related = ["company"]
    readonly_fields = ["headscale_user_name", "machines"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[PharmacyWithPresence]:
        return pharmacies_with_presence(at=timezone.now())

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["company", *PHARMACY_FIELDS, *(self.readonly_fields if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["company", *self.readonly_fields] if obj else []

    def get_urls(self) -> list[URLPattern]:
        page = path("links/", self.admin_site.admin_view(self._links), name="fleet_consistency")
        return [page, *super().get_urls()]

    def _links(self, request: HttpRequest) -> HttpResponse:
        site = self.admin_site.each_context(request)
        return consistency_page(request, site, timezone.now())

    @admin.display(description=gettext_lazy("상태"))
    def presence(self, pharmacy: PharmacyWithPresence) -> SafeString:
        status = PharmacyPresence(
            pharmacy.machine_count,
            pharmacy.online_count,
            pharmacy.machine_count - pharmacy.fresh_count,
        ).status
        look = PHARMACY_LOOKS[status]
        return render_to_string(
            "blocks/status_chip.html",
            {"state": look.state, "word": look.word, "age_at": pharmacy.confirmed_at},
        )

    @admin.display(description=gettext_lazy("머신"))
    def machines(self, pharmacy: PharmacyWithPresence) -> str:
        url = reverse("admin:network_machineprofile_changelist")
        counts = _("%(online)d/%(total)d대 온라인") % {
            "online": pharmacy.online_count,
            "total": pharmacy.machine_count,
        }
        return format_html('<a href="{}?pharmacy={}">{}</a>', url, pharmacy.pk, counts)

    @admin.display(description=gettext_lazy("사업자등록번호"))
    def shown_number(self, pharmacy: Pharmacy) -> str:
        number = pharmacy.business_number
        return format_business_number(number) if number else "–"

    def save_model(self, request: HttpRequest, obj: Pharmacy, form: Any, change: bool) -> None:
        actor, at = staff_actor(request), timezone.now()
        values = {name: getattr(obj, name) for name in PHARMACY_FIELDS}
        if change:
            operations.update_pharmacy(actor=actor, at=at, pharmacy_id=obj.pk, values=values)
            return
        made = operations.create_pharmacy(
            actor=actor, at=at, company_code=obj.company_id, values=values
        )
        obj.pk = made.pk

    def delete_model(self, request: HttpRequest, obj: Pharmacy) -> None:
        operations.delete_pharmacy(
            actor=staff_actor(request), at=timezone.now(), pharmacy_id=obj.pk
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        try:
            return super().delete_view(request, object_id, extra_context)  # type: ignore[no-any-return]  # Unfold ships no types
        except FactsConflictError as error:
            return self.refused_page(request, error)
