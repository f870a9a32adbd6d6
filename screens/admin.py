"""Administration of layouts: always one company at a time, always through the operations."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, ClassVar, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from pharmacies.access.staff import StaffAdmin, staff_actor
from screens.forms import NewComponentForm, PlaceForm, SettingsForm, add_refusal
from screens.models import ScreenLayout
from screens.operations import (
    LayoutConflictError,
    add_component,
    place_component,
    remove_component,
    store_overrides,
)
from screens.overrides import SLOT, merge, split_unknown
from screens.queries import has_address, visible_companies
from screens.registry import registry


def _company_choices(request: HttpRequest) -> list[tuple[str, str]]:
    companies = visible_companies(actor=staff_actor(request))
    return [(one.company_code, str(one)) for one in companies]


def chosen_company(request: HttpRequest) -> str | None:
    """Return the company that the address names, else the first one; None when there is none.

    Raises Http404 for a company that does not exist or is not this person's.
    """
    codes = [code for code, _name in _company_choices(request)]
    wanted = request.GET.get("company")
    if wanted is None:
        return codes[0] if codes else None
    if wanted not in codes:
        raise Http404
    return wanted


def _kinds() -> list[tuple[str, str]]:
    found = registry().components.values()
    return [(one.url, str(one.text(get_language())["title"])) for one in found]


class CompanyFilter(admin.SimpleListFilter):
    """Chooses the company whose rows are read; there is no list of all companies."""

    title = gettext_lazy("회사")
    parameter_name = "company"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        self.chosen = chosen_company(request)
        return _company_choices(request)

    def has_output(self) -> bool:
        return True

    def choices(self, changelist: Any) -> Any:
        for code, name in self.lookup_choices:
            yield {
                "selected": str(code) == self.chosen,
                "query_string": changelist.get_query_string({"company": code}),
                "display": name,
            }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset


class KindFilter(admin.SimpleListFilter):
    """Rows of one kind of component."""

    title = gettext_lazy("종류")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return _kinds()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(component_url=self.value()) if self.value() else queryset


@admin.register(ScreenLayout)
class ScreenLayoutAdmin(StaffAdmin):
    read_permission = "screens:read"
    write_permission = "screens:write"
    list_display = [
        "open_link",
        "company_code",
        "screen_link",
        "kind",
        "place",
        "overrides",
        "updated_at",
    ]
    list_display_links = None
    list_filter = [CompanyFilter, KindFilter]
    list_select_related: ClassVar[bool | list[str]] = []
    search_fields = ["screen_id", "component_id", "component_url"]
    ordering = ["screen_id", "display_order", "component_id"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScreenLayout]:
        company_code = chosen_company(request)
        if company_code is None:
            return QuerySet(ScreenLayout).none()
        return ScreenLayout.objects.for_company(company_code)

    @admin.display(description=gettext_lazy("컴포넌트"), ordering="component_id")
    def open_link(self, row: ScreenLayout) -> SafeString:
        return format_html('<a href="{}">{}</a>', _address("change", row), row.component_id)

    @admin.display(description=gettext_lazy("화면"), ordering="screen_id")
    def screen_link(self, row: ScreenLayout) -> str:
        if not has_address(row.screen_id):
            return row.screen_id
        address = reverse("screens:screen", args=[row.screen_id])
        query = urlencode({"company": row.company_code})
        return format_html('<a href="{}?{}">{}</a>', address, query, row.screen_id)

    @admin.display(description=gettext_lazy("종류"), ordering="component_url")
    def kind(self, row: ScreenLayout) -> str:
        return dict(_kinds()).get(row.component_url, row.component_url)

    @admin.display(description=gettext_lazy("자리"))
    def place(self, row: ScreenLayout) -> str:
        slot = row.custom_config.get(SLOT)
        return f"{row.parent_id} · {slot}" if row.parent_id else "–"

    @admin.display(description=gettext_lazy("바꾼 설정"))
    def overrides(self, row: ScreenLayout) -> str:
        names = [key for key in row.custom_config if key != SLOT]
        return ", ".join(sorted(names)) or _("모두 기본값")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Put a component on a screen."""
        self._require(request)
        initial = {"company_code": chosen_company(request)}
        form = NewComponentForm(request.POST or None, initial=initial)
        _set_choices(form, "company_code", _company_choices(request))
        _set_choices(form, "component_url", _kinds())
        if form.is_valid():
            code = form.cleaned_data["company_code"]
            done = self._done(
                form,
                lambda: add_component(
                    actor=staff_actor(request),
                    at=timezone.now(),
                    company_code=code,
                    screen_id=form.cleaned_data["screen_id"],
                    component=form.component(),
                ),
            )
            if done:
                messages.success(request, _("컴포넌트를 놓았습니다."))
                return _to_list(code)
        return self._form_page(request, _("컴포넌트 놓기"), [("add", form, _("놓기"))])

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Change the settings or the place of a component; each has a form and an operation.

        Who may only read the company's screens sees the same page without forms.
        """
        row = self._row(request, object_id)
        if request.method in ("GET", "HEAD") and not self._may_change(request, row):
            return self._form_page(request, row.component_id, [], row)
        self._require(request, row)
        settings = SettingsForm(
            request.POST if "store" in request.POST else None, initial=SettingsForm.initial_of(row)
        )
        place = PlaceForm(
            request.POST if "place" in request.POST else None, initial=PlaceForm.initial_of(row)
        )
        if self._has_stored(request, row, settings) or self._has_placed(request, row, place):
            return HttpResponseRedirect(_address("change", row))
        return self._form_page(
            request,
            row.component_id,
            [("store", settings, _("설정 저장")), ("place", place, _("자리 옮기기"))],
            row,
        )

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        """Ask once, then take a component off its screen."""
        row = self._row(request, object_id)
        self._require(request, row)
        if request.method != "POST":
            return self._form_page(request, _("컴포넌트 삭제"), [], row, asks=True)
        try:
            remove_component(actor=staff_actor(request), at=timezone.now(), **_names(row))
        except LayoutConflictError as refusal:
            messages.error(request, refusal.sentence)
            return HttpResponseRedirect(_address("change", row))
        messages.success(
            request, _("컴포넌트 “%(name)s”를 삭제했습니다.") % {"name": row.component_id}
        )
        return _to_list(row.company_code)

    def _has_stored(self, request: HttpRequest, row: ScreenLayout, form: SettingsForm) -> bool:
        done = form.is_valid() and self._done(
            form,
            lambda: store_overrides(
                actor=staff_actor(request), at=timezone.now(), settings=form.values(), **_names(row)
            ),
        )
        if done:
            messages.success(request, _("기본값과 다른 설정만 저장했습니다."))
        return done

    def _has_placed(self, request: HttpRequest, row: ScreenLayout, form: PlaceForm) -> bool:
        done = form.is_valid() and self._done(
            form,
            lambda: place_component(
                actor=staff_actor(request),
                at=timezone.now(),
                placement=form.values(),
                **_names(row),
            ),
        )
        if done:
            messages.success(request, _("컴포넌트의 자리를 옮겼습니다."))
        return done

    def _done(self, form: forms.Form, operation: Callable[[], object]) -> bool:
        try:
            operation()
        except ValidationError as refusal:
            add_refusal(form, refusal)
        except LayoutConflictError as refusal:
            form.add_error(None, refusal.sentence)
        return not form.errors

    def _may_change(self, request: HttpRequest, row: ScreenLayout) -> bool:
        return staff_actor(request).may(self.write_permission, company_code=row.company_code)

    def _require(self, request: HttpRequest, row: ScreenLayout | None = None) -> None:
        if not (self._may_change(request, row) if row else self.has_add_permission(request)):
            raise Http404

    def _row(self, request: HttpRequest, object_id: str) -> ScreenLayout:
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return cast(ScreenLayout, row)

    def _form_page(
        self,
        request: HttpRequest,
        title: str,
        sections: list[tuple[str, forms.Form, str]],
        row: ScreenLayout | None = None,
        *,
        asks: bool = False,
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": ScreenLayout._meta,
            "title": title,
            "sections": sections,
            "row": row,
            "asks": asks,
            "effective": _effective(row) if row else "",
            "facts": self._facts(row) if row and not sections and not asks else [],
            "delete_address": _address("delete", row) if row and sections else "",
            "change_address": _address("change", row) if row else "",
        }
        return TemplateResponse(request, "screens/admin/layout.html", context)

    def _facts(self, row: ScreenLayout) -> list[tuple[str, str]]:
        """Say in words what the forms would show."""
        return [
            (_("종류"), self.kind(row)),
            (_("자리"), self.place(row)),
            (_("바꾼 설정"), self.overrides(row)),
        ]


def _names(row: ScreenLayout) -> dict[str, str]:
    return {
        "company_code": row.company_code,
        "screen_id": row.screen_id,
        "component_id": row.component_id,
    }


def _address(action: str, row: ScreenLayout) -> str:
    address = reverse(f"admin:screens_screenlayout_{action}", args=[row.layout_id])
    return f"{address}?{urlencode({'company': row.company_code})}"


def _to_list(company_code: str) -> HttpResponseRedirect:
    address = reverse("admin:screens_screenlayout_changelist")
    return HttpResponseRedirect(f"{address}?{urlencode({'company': company_code})}")


def _set_choices(form: forms.Form, name: str, choices: list[tuple[str, str]]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = choices


def _effective(row: ScreenLayout) -> str:
    """Write the settings that apply today, defaults included."""
    component = registry().find(row.component_url)
    if component is None:
        return ""
    known, _unknown = split_unknown(row.custom_config, component.struct)
    settings = merge(component.defaults, known, component.struct)
    return json.dumps(settings, ensure_ascii=False, indent=2, sort_keys=True)
