"""A page that shows every building block in all its states, for whoever changes the look."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from farmq.admin_site import Banner, Card
from network.admin.buttons import delete_question
from network.admin.machine_forms import RenameForm
from network.admin.machine_page import Attribute
from network.fleet.queries import Problem
from network.looks import Event

STATES = ("ok", "part", "down", "closed", "unknown", "planned", "ended")
AGES_S = (1, 8, 190, 7200, 86_400, 864_000)


@dataclass(frozen=True, slots=True)
class Step:
    word: str
    state: str


def gallery(request: HttpRequest) -> HttpResponse:
    """Show the blocks with invented, marked content."""
    now = timezone.now()
    page = Paginator(range(900), 50).page(9)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("화면 요소"),
        "now": now,
        "states": [{"state": state, "word": _("예시")} for state in STATES],
        "ages": [now - timedelta(seconds=age) for age in AGES_S],
        "cards": [Card(12, _("예시"), state, "#", "", None) for state in STATES],
        "total_card": Card(411, _("머신 온라인"), "ok", "#", "", 452),
        "problem": Problem("part", _("일부 장애"), _("예시약국"), _("머신 3대 중 1대"), "#", now),
        "all_banners": [
            Banner("simulated", _("모의 엔진입니다."), "#", _("연결 방법")),
            Banner("blind", _("네트워크 엔진이 응답하지 않습니다.")),
            Banner("maintenance", _("오늘 22시에 점검합니다.")),
        ],
        "attributes": [
            Attribute(_("주소"), _("사설 네트워크 안의 주소"), "100.64.0.7", mono=True, copy=True),
            Attribute(_("약국"), _("이 머신이 놓인 곳"), ""),
        ],
        "events": [
            Event(now, state, _("예시"), _("있었던 일"), "user:예시") for state in STATES[:3]
        ],
        "steps": [
            Step(_("접수됨"), "done"),
            Step(_("차례를 기다림"), "done"),
            Step(_("처리 중"), "now"),
            Step(_("확인"), "waiting"),
        ],
        "form": RenameForm(),
        "question": delete_question(_("머신"), "p0001-counter1"),
        "page": page,
        "numbers": list(page.paginator.get_elided_page_range(page.number)),
        "levels": ("success", "failure", "notice"),
    }
    return TemplateResponse(request, "farmq/gallery.html", context)
