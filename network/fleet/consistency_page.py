"""The page of broken links in the administration, each with the button that mends it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from network.fleet import operations
from network.fleet.consistency import findings
from network.operations import NetworkConflictError
from pharmacies.access.staff import staff_actor

_MOST_SHOWN = 500
_DIGITS = 18


def consistency_page(request: HttpRequest, site: dict[str, Any], at: datetime) -> HttpResponse:
    """Show what is broken (GET), or mend one of it (POST with `code` and `number`)."""
    actor = staff_actor(request)
    if not actor.may("machines:assign"):
        raise PermissionDenied
    if request.method == "POST":
        _repair(request, at)
        return HttpResponseRedirect(reverse("admin:fleet_consistency"))
    found = findings()
    context = {
        **site,
        "title": _("연결 점검"),
        "findings": found[:_MOST_SHOWN],
        "total": len(found),
    }
    return TemplateResponse(request, "fleet/consistency.html", context)


def _repair(request: HttpRequest, at: datetime) -> None:
    number = request.POST.get("number", "")
    canonical = number.isascii() and number.isdigit() and len(number) <= _DIGITS
    try:
        operations.repair_link(
            actor=staff_actor(request),
            at=at,
            code=request.POST.get("code", ""),
            number=int(number) if canonical else 0,
        )
    except NetworkConflictError as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, _("바로잡았습니다."))
