"""Pages of screens: a published screen of a company, and the style of its components."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pharmacies.access.actor import Actor, session_actor
from pharmacies.access.models import User
from screens.loading import LoadedScreen
from screens.queries import company_choice, screen, screen_ids, visible_companies
from screens.registry import registry
from screens.rendering import CONTEXT_PREFIX, Page, render_blocks

_FOR_EVER = "public, max-age=31536000, immutable"


@require_safe
@login_required
def start_page(request: HttpRequest) -> HttpResponse:
    """Lead to the only screen there is, or list the screens of the company."""
    actor = _actor(request)
    wanted = request.GET.get("company")
    company_code = company_choice(actor=actor, wanted=wanted)
    if company_code is None:
        return _company_chooser(request, actor, wanted)
    query = _company_query(company_code, wanted)
    found = screen_ids(actor=actor, company_code=company_code)
    if len(found) == 1:
        return redirect(reverse("screens:screen", args=found) + query)
    context = {"company_code": company_code, "screen_ids": found, "company_query": query}
    return render(request, "screens/start.html", _frame(context))


@require_safe
@login_required
def screen_page(request: HttpRequest, screen_id: str) -> HttpResponse:
    """Show a screen of the signed-in person's company; staff choose one by `?company=`."""
    actor = _actor(request)
    wanted = request.GET.get("company")
    company_code = company_choice(actor=actor, wanted=wanted)
    if company_code is None:
        return _company_chooser(request, actor, wanted)
    found = screen(actor=actor, company_code=company_code, screen_id=screen_id)
    if found is None:
        raise Http404(_("이 회사에는 이 화면이 없습니다."))
    page = Page(
        published=_published(request, found),
        language=get_language() or "ko",
        company_code=company_code if wanted else None,
        shows_details=actor.may("screens:write", company_code),
    )
    context = {
        "screen_id": screen_id,
        "company_code": company_code,
        "company_query": page.company_query,
        "body": render_blocks(found.roots, page),
        "findings": len(found.findings) if page.shows_details else 0,
    }
    return render(request, "screens/screen.html", _frame(context))


@require_safe
def component_styles(_request: HttpRequest, digest: str) -> HttpResponse:
    """Give the style of all components; the digest in the address lets browsers keep it."""
    if digest != registry().digest:
        raise Http404
    response = HttpResponse(registry().styles, content_type="text/css; charset=utf-8")
    response.headers["Cache-Control"] = _FOR_EVER
    return response


def _actor(request: HttpRequest) -> Actor:
    return session_actor(cast(User, request.user))


def _frame(context: dict[str, Any]) -> dict[str, Any]:
    """Add what every page of this room shows around its content."""
    is_simulated = any(server["simulated"] for server in settings.HEADSCALE_SERVERS)
    return context | {"style_digest": registry().digest, "is_simulated": is_simulated}


def _company_query(company_code: str, wanted: str | None) -> str:
    return Page(company_code=company_code if wanted else None).company_query


def _company_chooser(request: HttpRequest, actor: Actor, wanted: str | None) -> HttpResponse:
    if wanted is not None:
        raise Http404(_("이 회사에는 이 화면이 없습니다."))
    context = {"companies": visible_companies(actor=actor)}
    return render(request, "screens/company_chooser.html", _frame(context))


def _published(request: HttpRequest, found: LoadedScreen) -> dict[str, str]:
    """Take from the address the values of keys that a component of this screen publishes."""
    published = {}
    for block in found.blocks():
        selection = getattr(block.model, "selection", None)
        key = getattr(selection, "publish_key", None)
        value = request.GET.get(f"{CONTEXT_PREFIX}{key}") if key else None
        if key and value:
            published[key] = value
    return published
