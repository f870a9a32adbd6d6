"""Servers and synchronisations in the administration. Servers come from the settings."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from network import queries
from network.admin.buttons import Button
from network.admin.detail import DetailAdmin, Panel, Shown
from network.admin.machine_page import Attribute
from network.admin.server_buttons import ACTIONS, buttons
from network.gauge import Gauge
from network.looks import COLUMN_WORDS, GAUGE_WORDS, SYNC_LOOKS, Look
from network.models import HeadscaleServer, SyncRun
from pharmacies.access.actor import Actor
from pharmacies.access.staff import ReadOnlyAdmin
from pharmacies.templatetags.blocks import age

_MOST_DIFFERENCES = 100


@admin.register(HeadscaleServer)
class HeadscaleServerAdmin(DetailAdmin):
    """Each engine: how it is, what it can, what it costs, and what is held."""

    read_permission = "servers:read"
    platform_only = True
    list_display = ["name", "slug", "release", "simulated", "confirmed_at", "failing_since_at"]
    ordering = ["pk"]
    list_select_related = False
    action_names = ACTIONS

    def get_queryset(self, request: HttpRequest) -> QuerySet[HeadscaleServer]:
        return queries.servers_with_readings()

    def server_id_of(self, row: Any) -> int:
        return int(row.pk)

    def shown(self, actor: Actor, row: Any) -> Shown:
        gauge = queries.gauge(server_id=row.pk)
        return Shown(
            row.name,
            _look(row),
            _attributes(row, gauge),
            row.confirmed_at,
            note=_held_note(row),
            panels=(_readings(row), *_checked(row), _missing(row)),
        )

    def buttons(self, actor: Actor, row: Any) -> list[Button]:
        return buttons(actor, row, lambda action: self.action_url(row, action))


def _look(server: HeadscaleServer) -> Look:
    stale = server.confirmed_at is None or server.confirmed_at < queries.stale_before(
        timezone.now()
    )
    if stale:
        return Look("unknown", _("확인 안 됨"))
    return Look("part", _("확인 보류")) if server.held_since_at else Look("ok", _("정상"))


def _held_note(server: HeadscaleServer) -> str:
    if server.held_since_at is None:
        return ""
    return _("목록을 보류하고 있습니다: %(since)s부터") % {"since": age(server.held_since_at)}


def _attributes(server: HeadscaleServer, gauge: Gauge) -> list[Attribute]:
    used = f"{gauge.list_share:.0%} ({gauge.list_bytes // 1000} kB)"
    warnings = " ".join(str(GAUGE_WORDS[code]) for code in gauge.warnings)
    return [
        Attribute(_("판"), _("엔진 프로그램의 판"), server.release, mono=True),
        Attribute(_("판 계열"), _("기능을 정하는 판"), server.series, mono=True),
        Attribute(_("머신"), _("엔진의 목록에 있는 머신"), _("%(n)d대") % {"n": gauge.machines}),
        Attribute(_("변경 1건"), _("최근 변경이 걸린 시간의 중앙값"), _seconds(gauge.change_s)),
        Attribute(_("목록 읽기"), _("최근 목록을 읽은 시간의 중앙값"), _seconds(gauge.list_s)),
        Attribute(_("목록 크기"), _("0.29까지의 한도 4 MiB에 견준 크기"), used),
        Attribute(_("주의"), _("곧 문제가 될 것"), warnings),
        Attribute(_("로그인 주소"), _("머신이 가입하는 곳"), server.login_url, mono=True),
        Attribute(
            _("이름 서버와 엔진 설정"),
            _("엔진의 설정 파일에만 있는 것"),
            _("엔진의 명령줄이 알려 주지 않습니다. 엔진이 있는 서버의 설정 파일에서 보십시오."),
        ),
    ]


def _seconds(value: float | None) -> str:
    return "–" if value is None else _("%(seconds).2f초") % {"seconds": value}


def _readings(server: HeadscaleServer) -> Panel:
    rows = [
        (
            reading.get_topic_display(),
            age(reading.read_at) if reading.read_at else _("아직 없음"),
            _("%(since)s부터 읽지 못함") % {"since": age(reading.failing_since_at)}
            if reading.failing_since_at
            else _("정상"),
        )
        for reading in server.readings.all()
    ]
    empty = _("아직 한 번도 읽지 않았습니다.")
    return Panel(_("따로 읽는 것"), (_("주제"), _("마지막 확인"), _("상태")), tuple(rows), empty)


def _checked(server: HeadscaleServer) -> list[Panel]:
    """What the last comparison with the engine found; nothing before the first one."""
    check = queries.last_cross_check(server_id=server.pk)
    if check is None or check.finished_at is None:
        return []
    rows = tuple(
        (
            found["name"],
            COLUMN_WORDS.get(found["column"], found["column"]),
            found["ours"] or "–",
            found["engine"] or "–",
        )
        for found in check.result["differences"][:_MOST_DIFFERENCES]
    )
    title = _("대조 점검: %(since)s, 다른 점 %(count)d개") % {
        "since": age(check.finished_at),
        "count": check.result["found"],
    }
    head = (_("머신"), _("무엇"), _("우리"), _("엔진"))
    return [Panel(title, head, rows, _("우리 그림과 엔진이 똑같습니다."))]


def _missing(server: HeadscaleServer) -> Panel:
    rows = tuple(
        (_(feature.title), _(feature.sentence)) for feature in queries.missing_features(server)
    )
    empty = _("이 판은 모두 할 수 있거나, 아직 판을 모릅니다.")
    return Panel(_("이 판에 없는 기능"), (_("기능"), _("이유")), rows, empty)


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    """Every attempt to bring our picture up to date."""

    read_permission = "machines:read"
    platform_only = True
    list_display = ["look", "server", "started_at", "machines", "online", "changes", "duration"]
    list_filter = ["outcome", "server"]
    ordering = ["-pk"]
    list_select_related = ["server"]
    actions = None

    @admin.display(description=gettext_lazy("결과"))
    def look(self, run: SyncRun) -> SafeString:
        look = SYNC_LOOKS[run.outcome]
        return render_to_string("blocks/status_chip.html", {"state": look.state, "word": look.word})

    @admin.display(description=gettext_lazy("엔진 / 우리"))
    def duration(self, run: SyncRun) -> str:
        return f"{run.engine_seconds:.2f}s / {run.seconds:.2f}s"
