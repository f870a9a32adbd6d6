"""A page of one thing: what it is, and the changes a person may ask for. Shared by all nouns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from network.admin.acting import Subject, act
from network.admin.buttons import Button
from network.admin.machine_page import Attribute
from network.looks import Look
from pharmacies.access.actor import Actor
from pharmacies.access.staff import ReadOnlyAdmin, staff_actor


@dataclass(frozen=True, slots=True)
class Panel:
    """A table beside the attributes; each row is a list of cells."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of one thing says; `text` is shown as it was written."""

    title: str
    look: Look
    attributes: list[Attribute]
    age_at: datetime | None = None
    note: str = ""
    panels: tuple[Panel, ...] = ()
    text: str = ""


class DetailAdmin(ReadOnlyAdmin):
    """Gives each row a page with buttons; the buttons have addresses of their own."""

    actions = None
    action_names: frozenset[str] = frozenset()

    def shown(self, actor: Actor, row: Any) -> Shown:
        """Say what the page shows of a row; by itself, no more than its name."""
        return Shown(str(row), Look("closed", self.opts.verbose_name), [])

    def buttons(self, actor: Actor, row: Any) -> list[Button]:
        """Return the changes of a row that a person may ask for, harmless first."""
        return []

    def server_id_of(self, row: Any) -> int:
        """Return the server whose lane the changes of a row need."""
        return int(row.server_id)

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        wrap = self.admin_site.admin_view
        return [
            path("<int:number>/part/", wrap(self._part), name=f"{name}_part"),
            path("<int:number>/change/", wrap(self._page), name=f"{name}_change"),
            path("<int:number>/<str:action>/", wrap(self._act), name=f"{name}_action"),
            *super().get_urls(),
        ]

    def action_url(self, row: Model, action: str) -> str:
        """Return the address of one change of a row."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_action"
        return reverse(name, args=[row.pk, action])

    def _page(self, request: HttpRequest, number: int) -> HttpResponse:
        context = {**self.admin_site.each_context(request), **self._context(request, number)}
        context["title"] = self.opts.verbose_name
        return TemplateResponse(request, "network/detail.html", context)

    def _part(self, request: HttpRequest, number: int) -> HttpResponse:
        return TemplateResponse(request, "network/detail_part.html", self._context(request, number))

    def _act(self, request: HttpRequest, number: int, action: str) -> HttpResponse:
        row = self._row(request, number)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        subject = Subject(
            server_id=self.server_id_of(row),
            buttons=tuple(self.buttons(staff_actor(request), row)),
            known=self.action_names,
            here=reverse(name, args=[row.pk]),
            list_url=self.list_url(),
        )
        return act(request, subject, action, self.admin_site.each_context(request))

    def _context(self, request: HttpRequest, number: int) -> dict[str, Any]:
        actor, row = staff_actor(request), self._row(request, number)
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_part"
        return {
            "shown": self.shown(actor, row),
            "buttons": self.buttons(actor, row),
            "part_url": reverse(name, args=[row.pk]),
        }

    def _row(self, request: HttpRequest, number: int) -> Any:
        """Return a row that the person may see; raises Http404 or PermissionDenied."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        row = self.get_queryset(request).filter(pk=number).first()
        if row is None:
            raise Http404
        return row
