"""Machines in the administration: the list, one machine's page, and its three changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from network import queries
from network.admin.acting import Subject, act
from network.admin.all_routes import routes_page
from network.admin.bulk import ACTIONS as BULK_ACTIONS
from network.admin.bulk import chosen, order_page
from network.admin.machine_buttons import ACTIONS, buttons
from network.admin.machine_file import machine_file
from network.admin.machine_page import fragment, page, visible_machine
from network.admin.paging import FirstPageList, FirstPagePaginator
from network.admin.saved_views import forget, save, views_context
from network.models import MachineProfile
from network.queries import MachineWithStatus
from network.states import MachineRole, MachineStatus
from pharmacies.access.staff import ReadOnlyAdmin, staff_actor


class StatusFilter(admin.SimpleListFilter):
    """Keeps the machines of one status."""

    title = _("상태")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(status.value.lower(), str(status.label)) for status in MachineStatus]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(status=value.upper()) if value else queryset


class AssignmentFilter(admin.SimpleListFilter):
    """Keeps the machines that stand in a pharmacy, or the strangers."""

    title = _("배정")
    parameter_name = "assigned"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("미배정")), ("yes", _("배정됨"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(pharmacy__isnull=self.value() == "no")


class ExpiryFilter(admin.SimpleListFilter):
    """Keeps the machines whose login ends soon."""

    title = _("만료")
    parameter_name = "expiring"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("7", _("7일 안")), ("30", _("30일 안"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        days = self.value()
        if days not in ("7", "30"):
            return queryset
        return queries.expiring_within(queryset, at=timezone.now(), days=int(days))


class PharmacyFilter(admin.SimpleListFilter):
    """Keeps the machines of one pharmacy; shown only when the address asks for it."""

    title = _("약국")
    parameter_name = "pharmacy"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        number = request.GET.get("pharmacy", "")
        return [(number, f"#{number}")] if number.isascii() and number.isdigit() else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        number = self.value()
        return queryset.filter(pharmacy_id=int(number[:18])) if number else queryset


class ChoiceFilter(admin.SimpleListFilter):
    """Keeps the machines with one value of a text column, of those that occur.

    What occurs is read once a request for all such filters: `place` says which of it is whose.
    """

    place = 0

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        known = getattr(request, "farmq_choices", None)
        if known is None:
            known = queries.systems_and_clients()
            cast(Any, request).farmq_choices = known
        return [(value, value) for value in known[self.place]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(**{str(self.parameter_name): value}) if value else queryset


class SystemFilter(ChoiceFilter):
    title = _("운영체제")
    parameter_name = "os"


class ClientFilter(ChoiceFilter):
    title = _("클라이언트")
    parameter_name = "client_version"
    place = 1


class RoleFilter(admin.SimpleListFilter):
    """Keeps the machines of one role, or those whose role nobody has said."""

    title = _("역할")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        roles = [(role.value.lower(), role.label) for role in MachineRole]
        return [*roles, ("none", _("정하지 않음"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        if not value:
            return queryset
        return queryset.filter(role="" if value == "none" else value.upper())


class TagFilter(admin.SimpleListFilter):
    """Keeps the machines with one tag; shown only when the address asks for it."""

    title = _("태그")
    parameter_name = "tag"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        tag = request.GET.get("tag", "")
        return [(tag, tag)] if tag else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value()
        return queryset.filter(tags__icontains=f'"{value}"') if value else queryset


def _choosing(action: str) -> Callable[..., HttpResponse]:
    """Make what Django calls when machines were chosen on the list."""

    def choose(view: Any, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        data = chosen(request, queryset, action)
        return order_page(request, data, view.admin_site.each_context(request))

    return choose


@admin.register(MachineProfile)
class MachineProfileAdmin(ReadOnlyAdmin):
    """The list is read; changes have buttons and addresses of their own on a machine's page."""

    read_permission = "machines:read"
    list_display = ["look", "machine", "pharmacy", "address", "expiry", "changed"]
    list_display_links = ["machine"]
    list_filter = [
        StatusFilter,
        AssignmentFilter,
        RoleFilter,
        ExpiryFilter,
        SystemFilter,
        ClientFilter,
        TagFilter,
        PharmacyFilter,
        "server",
    ]
    search_fields = ["name"]
    search_help_text = _("이름, 초성, 주소, 약국, 사업자등록번호")
    ordering = ["name", "pk"]
    list_select_related = ["server", "pharmacy"]
    list_filter_submit = False
    list_fullwidth = True
    list_before_template = "network/above_machines.html"
    actions = list(BULK_ACTIONS)

    def get_paginator(self, request: HttpRequest, *arguments: Any, **options: Any) -> Any:
        """Page through a search from its first page on; whoever turned the page has counted."""
        if "p" in request.GET:
            return super().get_paginator(request, *arguments, **options)
        return FirstPagePaginator(*arguments, **options)

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[FirstPageList]:
        return FirstPageList

    def get_queryset(self, request: HttpRequest) -> QuerySet[MachineWithStatus]:
        return queries.machines(at=timezone.now()).order_by(*self.ordering)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Model], search_term: str
    ) -> tuple[QuerySet[Model], bool]:
        return queries.matching(queryset, text=search_term), False  # type: ignore[arg-type]  # the annotated queryset of get_queryset

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer what the person may do to any machine at all; each order asks again."""
        actor = staff_actor(request)
        offered = {}
        for name, (_kind, permission, words) in BULK_ACTIONS.items():
            if actor.may_anywhere(permission):
                offered[name] = (_choosing(name), name, words)
        return offered

    def _order(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseRedirect(self.list_url())
        return order_page(request, request.POST, self.admin_site.each_context(request))

    def get_urls(self) -> list[URLPattern]:
        own = [
            path(
                "<int:machine_id>/part/",
                self.admin_site.admin_view(fragment),
                name="network_machine_part",
            ),
            path(
                "<int:machine_id>/change/",
                self.admin_site.admin_view(self._page),
                name="network_machineprofile_change",
            ),
            path(
                "<int:machine_id>/<str:action>/",
                self.admin_site.admin_view(self._act),
                name="network_machine_action",
            ),
        ]
        order = path("bulk/", self.admin_site.admin_view(self._order), name="network_machine_bulk")
        routes = path("routes/", self.admin_site.admin_view(self._routes), name="network_routes")
        table = path("file/", self.admin_site.admin_view(self._file), name="network_machine_file")
        return [order, routes, table, *self._view_urls(), *own, *super().get_urls()]

    def _view_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("views/save/", wrap(save), name="network_view_save"),
            path("views/<int:number>/forget/", wrap(forget), name="network_view_forget"),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, views_context(request) | (extra_context or {}))

    def _routes(self, request: HttpRequest) -> HttpResponse:
        return routes_page(request, self.admin_site.each_context(request))

    def _file(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the rows of the list under the same address as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            rows = self.get_changelist_instance(request).get_queryset(request)
        except (IncorrectLookupParameters, OverflowError, ValueError):
            return HttpResponseRedirect(f"{self.list_url()}?e=1")
        return machine_file(rows, at=timezone.now())

    def _page(self, request: HttpRequest, machine_id: int) -> Any:
        return page(request, machine_id, self.admin_site.each_context(request))

    def _act(self, request: HttpRequest, machine_id: int, action: str) -> Any:
        machine = visible_machine(staff_actor(request), machine_id)
        subject = Subject(
            server_id=machine.server_id,
            buttons=tuple(buttons(staff_actor(request), machine)),
            known=ACTIONS,
            here=reverse("admin:network_machineprofile_change", args=[machine.pk]),
            list_url=self.list_url(),
        )
        return act(request, subject, action, self.admin_site.each_context(request))

    @admin.display(description=_("상태"), ordering="status")
    def look(self, machine: MachineWithStatus) -> SafeString:
        look = queries.look_of(machine, at=timezone.now())
        return render_to_string(
            "blocks/status_chip.html",
            {"state": look.state, "word": look.word, "age_at": machine.server.confirmed_at},
        )

    @admin.display(description=_("머신"), ordering="name")
    def machine(self, machine: MachineWithStatus) -> str:
        return machine.name

    @admin.display(description=_("주소"))
    def address(self, machine: MachineWithStatus) -> str:
        return machine.addresses[0] if machine.addresses else "–"

    @admin.display(description=_("만료"), ordering="expires_at")
    def expiry(self, machine: MachineWithStatus) -> SafeString:
        return render_to_string("network/expiry.html", {"moment": machine.expires_at})

    @admin.display(description=_("마지막 변화"), ordering="state_since_at")
    def changed(self, machine: MachineWithStatus) -> SafeString:
        return render_to_string("blocks/age_stamp.html", {"moment": machine.state_since_at})
