"""Policies in the administration: every version that ever was, and the way to each editor."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from network import operations, policies, queries
from network.admin.acting import act
from network.admin.buttons import Button
from network.admin.detail import DetailAdmin, Shown
from network.admin.machine_page import Attribute
from network.admin.policy_editor import editor_page, server_of, subject_of
from network.looks import POLICY_LOOKS, Look
from network.models import PolicyVersion
from pharmacies.access.actor import Actor
from pharmacies.access.staff import staff_actor
from pharmacies.templatetags.blocks import age


@admin.register(PolicyVersion)
class PolicyVersionAdmin(DetailAdmin):
    """The versions of every server; each can be put in force again."""

    read_permission = "policy:read"
    platform_only = True
    list_display = ["look", "number", "server", "source", "comment", "created_by", "created_at"]
    list_display_links = ["number"]
    list_filter = ["server", "source"]
    ordering = ["-pk"]
    list_select_related = ["server"]
    list_before_template = "network/above_policies.html"
    action_names = frozenset({"rollback"})

    def get_queryset(self, request: HttpRequest) -> QuerySet[PolicyVersion]:
        return queries.policy_versions().defer("text")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("server/<int:number>/", wrap(self._editor), name="network_policy_editor"),
            path(
                "server/<int:number>/<str:action>/",
                wrap(self._act_on_server),
                name="network_policy_action",
            ),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        rows = list(queries.servers())
        found = policies.standings((server.pk for server in rows), at=timezone.now())
        servers = [
            (server, POLICY_LOOKS[found[server.pk].standing], found[server.pk].read_at)
            for server in rows
        ]
        return super().changelist_view(request, {"servers": servers, **(extra_context or {})})

    def shown(self, actor: Actor, row: PolicyVersion) -> Shown:
        proof = row.proof
        judged = _("%(denied)s / %(pairs)s쌍") % {
            "denied": f"{proof.get('denied', 0):,}",
            "pairs": f"{proof.get('pairs', 0):,}",
        }
        attributes = [
            Attribute(_("서버"), _("이 정책을 쓰는 엔진"), row.server),
            Attribute(_("출처"), _("이 정책이 생긴 까닭"), row.get_source_display()),
            Attribute(_("설명"), _("만든 사람이 남긴 말"), row.comment),
            Attribute(_("만든 사람"), _("이 판을 만든 사람이나 프로그램"), row.created_by),
            Attribute(_("만든 시각"), _("이 판이 만들어진 때"), age(row.created_at)),
            Attribute(_("막힌 약국 쌍"), _("서로 닿지 않는다고 증명된 쌍"), judged),
            Attribute(_("지문"), _("내용의 SHA-256"), row.sha256, mono=True, copy=True),
        ]
        return Shown(f"{row.server} #{row.pk}", _look(row), attributes, text=row.text)

    def buttons(self, actor: Actor, row: PolicyVersion) -> list[Button]:
        if not actor.may("policy:write") or _is_in_force(row):
            return []
        return [_roll_back(row, self.action_url(row, "rollback"))]

    @admin.display(description=gettext_lazy("상태"))
    def look(self, version: PolicyVersion) -> SafeString:
        look = _look(version)
        context = {"state": look.state, "word": look.word, "age_at": version.in_force_at}
        return render_to_string("blocks/status_chip.html", context)

    @admin.display(description=gettext_lazy("번호"), ordering="pk")
    def number(self, version: PolicyVersion) -> str:
        return f"#{version.pk}"

    def _editor(self, request: HttpRequest, number: int) -> HttpResponse:
        return editor_page(request, server_of(request, number), self.admin_site)

    def _act_on_server(self, request: HttpRequest, number: int, action: str) -> HttpResponse:
        subject = subject_of(staff_actor(request), server_of(request, number))
        return act(request, subject, action, self.admin_site.each_context(request))


def _is_in_force(version: PolicyVersion) -> bool:
    return version.in_force_at is not None and version.replaced_at is None


def _look(version: PolicyVersion) -> Look:
    if version.in_force_at is None:
        return Look("planned", _("적용된 적 없음"))
    if version.replaced_at is not None:
        return Look("closed", _("지난 정책"))
    proven = bool(version.proof.get("proven"))
    return POLICY_LOOKS["ISOLATED" if proven else "UNPROVEN"]


def _roll_back(version: PolicyVersion, url: str) -> Button:
    return Button(
        action="rollback",
        verb=_("이 정책으로 되돌리기"),
        title=_("#%(number)d 정책으로 되돌리기") % {"number": version.pk},
        consequence=_(
            "오늘의 약국과 머신으로 격리를 다시 증명한 뒤에 적용합니다. 증명되지 않으면 거절합니다."
        ),
        done=_("되돌렸습니다."),
        ask=lambda actor, at, _values: operations.roll_back_policy(
            actor=actor, at=at, version_id=version.pk
        ),
        leaves=True,
        url=url,
    )
