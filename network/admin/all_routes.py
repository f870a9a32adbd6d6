"""All routes on one page: who announces what, what is approved, and what overlaps."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from network import queries
from pharmacies.access.staff import staff_actor

LINES = 100


def routes_page(request: HttpRequest, site: dict[str, Any]) -> HttpResponse:
    """Show the routes of all machines that the person may see; `show` keeps a part of them.

    `page` is a number from 1; what is no number shows the first page, and any other the last.
    """
    if not staff_actor(request).may_anywhere("machines:read"):
        raise PermissionDenied
    at = timezone.now()
    found = queries.all_routes(at=at)
    kept = request.GET.get("show", "")
    paginator = Paginator([one for one in found if one.belongs_to(kept)], LINES)
    page = paginator.get_page(request.GET.get("page"))
    looks = {one.machine.pk: queries.look_of(one.machine, at=at) for one in page}
    context = {
        **site,
        "title": _("경로"),
        "lines": [(one, looks[one.machine.pk]) for one in page],
        "page": page,
        "numbers": list(paginator.get_elided_page_range(page.number)),
        "show": kept,
        "total": len(found),
        "waiting": sum(one.waits for one in found),
        "overlapping": sum(one.belongs_to(queries.OVERLAPPING) for one in found),
    }
    return TemplateResponse(request, "network/all_routes.html", context)
