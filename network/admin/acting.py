"""The doors behind all buttons: a page that asks, and the request that does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from network.admin.buttons import Button
from network.admin.secret_page import secret_page
from network.models import HeadscaleCommand
from network.operations import NetworkConflictError
from network.sealing import make_key_pair
from network.states import CommandState
from network.waiting import may_wait, wait_for
from pharmacies.access.staff import staff_actor

LEVELS = {"success": messages.SUCCESS, "failure": messages.ERROR, "notice": messages.INFO}


@dataclass(frozen=True, slots=True)
class Subject:
    """What the buttons are about: the changes that a person may ask for, and where it is shown.

    `known` are the names of all changes that such a thing has, offered to this person or not.
    """

    server_id: int
    buttons: tuple[Button, ...]
    known: frozenset[str]
    here: str
    list_url: str


@dataclass(frozen=True, slots=True)
class Told:
    """What is said after a change: `follow` is the command to watch, `leave` where to go."""

    level: str
    message: str
    done: str = ""
    follow: str = ""
    leave: str = ""
    url: str = ""


@never_cache
def act(request: HttpRequest, subject: Subject, action: str, site: dict[str, Any]) -> HttpResponse:
    """Ask before the change (GET), or do it (POST) and tell: JSON to scripts, a page to people."""
    button = _button(subject, action)
    if button.unavailable:
        told = Told("failure", button.unavailable)
        return _answer(request, subject, told)
    if request.method != "POST":
        return _confirm_page(request, subject, button, {**site, "form": button.fields})
    if button.makes_secret:
        return _order_secret(request, subject, button, site)
    told = _do(request, subject, button)
    if told.level == "failure" and button.has_page and not _wants_json(request):
        return _asked_again(request, subject, button, site, told)
    return _answer(request, subject, told)


def _asked_again(
    request: HttpRequest, subject: Subject, button: Button, site: dict[str, Any], told: Told
) -> HttpResponse:
    """Show the page again with what was written, and why it was not done."""
    context = {**site, "form": button.form(request.POST), "problem": told.message}
    return _confirm_page(request, subject, button, context)


def _confirm_page(
    request: HttpRequest, subject: Subject, button: Button, context: dict[str, Any]
) -> HttpResponse:
    page = {"title": button.verb, "back_url": subject.here, "button": button}
    return TemplateResponse(request, "network/confirm.html", {**context, **page})


def _order_secret(
    request: HttpRequest, subject: Subject, button: Button, site: dict[str, Any]
) -> HttpResponse:
    """Ask for something secret; the page that answers holds the token that opens it."""
    pair = make_key_pair()
    command = _asked(request, subject, button, {"public_key": pair.public})
    if isinstance(command, Told):
        if button.has_page and not _wants_json(request):
            return _asked_again(request, subject, button, site, command)
        return _answer(request, subject, command)
    assert command is not None  # Whatever makes a secret is a change of the engine.
    return secret_page(request, command, pair.token, site)


def _button(subject: Subject, action: str) -> Button:
    for button in subject.buttons:
        if button.action == action:
            return button
    if action in subject.known:
        raise PermissionDenied
    raise Http404


def _do(request: HttpRequest, subject: Subject, button: Button) -> Told:
    command = _asked(request, subject, button, {})
    if isinstance(command, Told):
        return command
    if command is None:
        return Told("success", button.done)
    return tell(command, button.done, subject.list_url if button.leaves else "")


def _asked(
    request: HttpRequest, subject: Subject, button: Button, beside: dict[str, Any]
) -> HeadscaleCommand | Told | None:
    """Ask for the change and wait a moment for it; Told when it was refused."""
    form = button.form(request.POST)
    if not form.is_valid():
        errors = [str(message) for errors in form.errors.values() for message in errors]
        return Told("failure", " ".join(errors))
    patient = may_wait(server_id=subject.server_id)
    try:
        command = button.ask(staff_actor(request), timezone.now(), form.cleaned_data | beside)
    except NetworkConflictError as error:
        return Told("failure", error.sentence)
    except ValidationError as error:
        return Told("failure", " ".join(error.messages))
    except ObjectDoesNotExist:
        return Told("failure", _("그런 것이 없습니다. 그사이에 삭제되었을 수 있습니다."))
    return wait_for(command) if command is not None and patient else command


def tell(command: HeadscaleCommand, done: str, leave: str = "") -> Told:
    """Say how far a command is, or how it ended; `done` is what is said of success."""
    url = reverse("admin:network_headscalecommand_change", args=[command.pk])
    if command.state == CommandState.SUCCEEDED:
        return Told("success", done, leave=leave, url=url)
    if command.state == CommandState.FAILED:
        return Told("failure", command.error, url=url)
    if command.state == CommandState.UNKNOWN:
        sentence = _(
            "엔진이 제시간에 답하지 않아 결과를 확인하고 있습니다. 다시 누르지 않으셔도 됩니다."
        )
    else:
        sentence = _("접수했습니다. 앞선 변경이 끝나면 처리합니다.")
    follow = reverse("command", args=[command.pk])
    return Told("notice", sentence, done, follow, leave, url)


def _answer(request: HttpRequest, subject: Subject, told: Told) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse(
            {
                "level": told.level,
                "message": told.message,
                "done": told.done,
                "follow": told.follow,
                "leave": told.leave,
                "url": told.url,
            }
        )
    messages.add_message(request, LEVELS[told.level], told.message)
    done = told.level == "success"
    return HttpResponseRedirect(told.leave if done and told.leave else subject.here)


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")
