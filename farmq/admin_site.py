"""The admin's frame: navigation, banners, and what the dashboard shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from farmq.words import script_words
from network import queries
from network.fleet.dashboard import current_picture, recent_changes
from network.fleet.queries import Stats
from network.looks import MACHINE_LOOKS, PHARMACY_LOOKS
from network.models import HeadscaleServer
from network.presence import is_confirmed
from pharmacies.access.staff import staff_actor


@dataclass(frozen=True, slots=True)
class Card:
    """A number of the dashboard; it leads to exactly the list that it counts."""

    value: int
    word: Any
    state: str
    url: str
    stat: str
    total: int | None = None
    total_stat: str = ""


@dataclass(frozen=True, slots=True)
class Banner:
    """A line above every page: `kind` is simulated, blind or maintenance."""

    kind: str
    text: str
    link_url: str = ""
    link_text: str = ""


def page_context(request: HttpRequest) -> dict[str, Any]:
    """Return what pages outside of the administration need, those of errors included."""
    return {"banners": SimpleLazyObject(lambda: _banners_of(request))}


def _banners_of(request: HttpRequest) -> list[Banner]:
    """Return the banners of a request; worked out once, and only for a page that shows them."""
    known: list[Banner] | None = getattr(request, "farmq_banners", None)
    if known is None:
        user = getattr(request, "user", None)
        known = banners(signed_in=bool(user and user.is_authenticated and user.is_staff))
        cast(Any, request).farmq_banners = known
    return known


def site_context(request: HttpRequest) -> dict[str, Any]:
    """Return what every page of the administration needs."""
    return {
        "banners": SimpleLazyObject(lambda: _banners_of(request)),
        "script_words": script_words(),
    }


def banners(*, signed_in: bool) -> list[Banner]:
    """Return what has to be said above every page."""
    found = []
    if settings.FARMQ_SIMULATED:
        text = _("모의 엔진입니다. 보이는 약국과 머신은 예시 자료입니다.")
        found.append(Banner("simulated", text))
    if signed_in:
        found += [_blind(server) for server in queries.servers() if _is_blind(server)]
    return found


def _is_blind(server: HeadscaleServer) -> bool:
    """A held list is told among the problems: the engine does answer."""
    at = timezone.now()
    stale = not is_confirmed(server.confirmed_at, at, settings.FARMQ_SYNC_INTERVAL)
    return stale and server.held_since_at is None


def _blind(server: HeadscaleServer) -> Banner:
    if server.confirmed_at is None:
        return Banner("blind", _("네트워크 엔진의 상태를 아직 한 번도 확인하지 못했습니다."))
    since = timezone.localtime(server.confirmed_at)
    text = _(
        "네트워크 엔진이 응답하지 않습니다. %(since)s 이후의 상태는 확인되지 않았습니다. "
        "머신이 꺼졌다는 뜻은 아닙니다."
    )
    return Banner("blind", text % {"since": f"{since:%H:%M:%S}"})


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add the picture of this moment to the admin's index."""
    if not staff_actor(request).may_anywhere("machines:read"):
        return context
    picture = current_picture(at=timezone.now())
    return context | {
        "title": _("대시보드"),
        "picture": picture,
        "cards": _cards(picture.stats),
        "changes": recent_changes(),
        "confirmed": _("확인"),
    }


def _cards(stats: Stats) -> list[Card]:
    pharmacies = reverse("admin:pharmacies_pharmacy_changelist")
    machines = reverse("admin:network_machineprofile_changelist")
    cards = [
        Card(
            stats.pharmacies[status],
            look.word,
            look.state,
            f"{pharmacies}?presence={status}",
            f"pharmacies_{status}",
        )
        for status, look in PHARMACY_LOOKS.items()
    ]
    online = Card(
        stats.machines["ONLINE"],
        _("머신 온라인"),
        "ok",
        f"{machines}?status=online",
        "online",
        stats.total_machines,
        "total",
    )
    others = [
        Card(
            stats.machines[status],
            _("머신 %(word)s") % {"word": MACHINE_LOOKS[status].word},
            MACHINE_LOOKS[status].state,
            f"{machines}?status={status.lower()}",
            status.lower(),
        )
        for status in ("OFFLINE", "EXPIRED", "UNKNOWN")
    ]
    return [*cards, online, *others]


def environment(_request: HttpRequest) -> list[str] | None:
    """Name the environment beside the title, when it is not a real one."""
    return [_("모의"), "warning"] if settings.FARMQ_SIMULATED else None


def mark(_request: HttpRequest) -> str:
    return static("farmq/img/mark.svg")


def style_sheet(_request: HttpRequest) -> str:
    return static("farmq/css/house.css")
