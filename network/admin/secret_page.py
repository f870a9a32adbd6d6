"""The one page on which a fresh secret is read: once, by whoever asked for it."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from network import operations, queries
from network.looks import COMMAND_LOOKS
from network.models import HeadscaleCommand
from network.operations import NetworkConflictError
from network.states import CommandState
from pharmacies.access.staff import staff_actor

_TOKEN_LIMIT = 100


@never_cache
def take(request: HttpRequest, number: int, site: dict[str, Any]) -> HttpResponse:
    """Show the secret of a command, or how far it is, to who has the token (POST only)."""
    token = request.POST.get("token", "")[:_TOKEN_LIMIT]
    if request.method != "POST" or not token:
        raise Http404
    if not staff_actor(request).may_anywhere("commands:read"):
        raise PermissionDenied
    command = queries.commands().filter(pk=number).first()
    if command is None:
        raise Http404
    return secret_page(request, command, token, site)


def secret_page(
    request: HttpRequest, command: HeadscaleCommand, token: str, site: dict[str, Any]
) -> HttpResponse:
    """Answer with the secret when there is one, else with a button that asks again.

    The token lives in this page alone: no session, no row, no address.
    """
    secret, problem = "", ""
    if command.state == CommandState.SUCCEEDED:
        try:
            secret = operations.take_secret(
                actor=staff_actor(request), at=timezone.now(), command_id=command.pk, token=token
            )
        except NetworkConflictError as error:
            problem = error.sentence
    elif command.state in (CommandState.FAILED, CommandState.CANCELLED, CommandState.NEEDS_HUMAN):
        problem = command.error or _("이 변경은 시작하기 전에 취소되었습니다.")
    context = {
        **site,
        "title": command.get_kind_display(),
        "command": command,
        "look": COMMAND_LOOKS[command.state],
        "secret": secret,
        "problem": problem,
        "token": "" if secret or problem else token,
        "take_url": reverse("admin:network_headscalecommand_secret", args=[command.pk]),
        "command_url": reverse("admin:network_headscalecommand_change", args=[command.pk]),
        "login_url": command.result.get("login_url", ""),
    }
    response = TemplateResponse(request, "network/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response
