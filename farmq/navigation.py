"""The side bar of the administration: only what the person may open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pharmacies.access.actor import Actor
from pharmacies.access.staff import staff_actor


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the side bar; `name` is the admin's address, `permission` opens it."""

    icon: str
    title: Any
    name: str
    permission: str
    platform: bool = False

    def is_open_to(self, actor: Actor) -> bool:
        """Say whether the address would open; rows of the platform are for its staff alone."""
        return actor.may(self.permission) if self.platform else actor.may_anywhere(self.permission)


GROUPS: tuple[tuple[Any, tuple[Item, ...]], ...] = (
    ("", (Item("dashboard", _("대시보드"), "index", "machines:read"),)),
    (
        _("약국과 머신"),
        (
            Item("local_pharmacy", _("약국"), "pharmacies_pharmacy_changelist", "pharmacies:read"),
            Item("computer", _("머신"), "network_machineprofile_changelist", "machines:read"),
            Item("route", _("경로"), "network_routes", "machines:read"),
            Item("web", _("화면"), "screens_screenlayout_changelist", "screens:read"),
        ),
    ),
    (
        _("엔진"),
        (
            Item("terminal", _("명령"), "network_headscalecommand_changelist", "commands:read"),
            Item("checklist", _("대량 작업"), "network_bulkjob_changelist", "commands:read"),
            Item("sync", _("동기화"), "network_syncrun_changelist", "machines:read", True),
            Item(
                "badge",
                _("네트워크 사용자"),
                "network_headscaleuser_changelist",
                "machines:read",
                True,
            ),
            Item(
                "link", _("약국 연결"), "network_pharmacylink_changelist", "machines:assign", True
            ),
            Item("rule", _("연결 점검"), "fleet_consistency", "machines:assign", True),
            Item("dns", _("서버"), "network_headscaleserver_changelist", "servers:read", True),
            Item("policy", _("정책"), "network_policyversion_changelist", "policy:read", True),
            Item("vpn_key", _("가입 키"), "network_headscalepreauthkey_changelist", "keys:read"),
            Item(
                "passkey",
                _("엔진 API 키"),
                "network_headscaleapikey_changelist",
                "servers:read",
                True,
            ),
        ),
    ),
    (
        _("관리"),
        (
            Item("domain", _("회사"), "pharmacies_company_changelist", "pharmacies:read"),
            Item("group", _("사용자"), "access_user_changelist", "people:write", True),
            Item("key", _("API 토큰"), "access_apitoken_changelist", "tokens:write", True),
            Item("history", _("감사 기록"), "access_auditevent_changelist", "audit:read"),
        ),
    ),
)


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """Return the groups as Unfold wants them; the line nearest to the page is marked, no other."""
    actor = staff_actor(request)
    groups = [
        (title, [(item, reverse(f"admin:{item.name}")) for item in items if item.is_open_to(actor)])
        for title, items in GROUPS
    ]
    here = _nearest(request.path, [link for _title, lines in groups for _item, link in lines])
    return [
        {
            "title": title,
            "items": [
                {"icon": item.icon, "title": item.title, "link": link, "active": link == here}
                for item, link in lines
            ],
        }
        for title, lines in groups
    ]


def _nearest(path: str, links: list[str]) -> str:
    """Return the longest link that leads to a page or above it; the dashboard is above none."""
    home = reverse("admin:index")
    above = (link for link in links if path.startswith(link) and link != home)
    return max(above, key=len, default=home if path == home else "")
