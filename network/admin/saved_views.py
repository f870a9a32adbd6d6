"""The saved ways of looking at the machine list: chips above it, a form to keep the present one."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from network import operations, queries
from network.models import SavedView
from network.operations import NetworkConflictError
from pharmacies.access.models import User
from pharmacies.access.staff import staff_actor

_QUERY_LIMIT = 4000


def views_context(request: HttpRequest) -> dict[str, Any]:
    """Return what the template above the list needs."""
    user = cast(User, request.user)
    address = request.META.get("QUERY_STRING", "")
    return {"saved_views": list(queries.saved_views(user=user)), "present_query": address}


def save(request: HttpRequest) -> HttpResponse:
    """Keep the present filters under a name (POST), then show them."""
    query = request.POST.get("query", "")[:_QUERY_LIMIT]
    if request.method == "POST":
        name = request.POST.get("name", "")
        try:
            operations.save_view(
                actor=staff_actor(request), at=timezone.now(), name=name, query=query
            )
        except NetworkConflictError as error:
            messages.error(request, error.sentence)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("보기를 저장했습니다."))
    return HttpResponseRedirect(_list(query))


def forget(request: HttpRequest, number: int) -> HttpResponse:
    """Delete one of the person's own (POST)."""
    if request.method == "POST":
        try:
            operations.forget_view(actor=staff_actor(request), at=timezone.now(), view_id=number)
        except SavedView.DoesNotExist as error:
            raise Http404 from error
        messages.success(request, _("보기를 지웠습니다."))
    return HttpResponseRedirect(_list(""))


def _list(query: str) -> str:
    url = reverse("admin:network_machineprofile_changelist")
    # Only what stands behind the question mark is the visitor's; the address is ours.
    return f"{url}?{query}" if query and "\n" not in query and "\r" not in query else url
