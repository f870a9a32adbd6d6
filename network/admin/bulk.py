"""Changes of many machines in the administration: chosen, looked at, started, braked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from network import operations, queries
from network.admin.buttons import Button
from network.admin.detail import DetailAdmin, Panel, Shown
from network.admin.machine_page import Attribute
from network.looks import BULK_LOOKS, COMMAND_LOOKS, Look
from network.models import BulkJob, MachineProfile
from network.operations import BulkOrder, NetworkConflictError, Planned
from network.states import BulkState, CommandKind
from pharmacies.access.actor import Actor
from pharmacies.access.staff import staff_actor

_MOST_SHOWN = 200
_MOST_WORDS = 300
_DIGITS = 18
ACTIONS: dict[str, tuple[CommandKind, str, Any]] = {
    "bulk_expire": (CommandKind.EXPIRE_NODE, "machines:expire", gettext_lazy("만료시키기")),
    "bulk_tag": (CommandKind.SET_TAGS, "machines:tag", gettext_lazy("태그 붙이고 떼기")),
    "bulk_rename": (CommandKind.RENAME_NODE, "machines:rename", gettext_lazy("추천 이름 붙이기")),
    "bulk_delete": (CommandKind.DELETE_NODE, "machines:delete", gettext_lazy("삭제")),
}
_CONSEQUENCES = {
    "bulk_expire": gettext_lazy("이 머신들은 다시 로그인할 때까지 네트워크에 연결할 수 없습니다."),
    "bulk_tag": gettext_lazy(
        "태그가 붙은 머신은 약국의 네트워크 사용자를 떠나 정책에서 태그의 규칙을 따릅니다."
    ),
    "bulk_rename": gettext_lazy("지금 이름으로 접속하던 곳에서는 새 이름을 써야 합니다."),
    "bulk_delete": gettext_lazy(
        "이 머신들은 네트워크에서 나가고, 다시 쓰려면 새로 등록해야 합니다."
    ),
}


class OrderForm(forms.Form):
    """The chosen machines, the pace, and the tags where tags are what it is about."""

    action = forms.ChoiceField(choices=[(name, name) for name in ACTIONS])
    machines = forms.CharField(widget=forms.HiddenInput, max_length=20_000)
    add = forms.CharField(label=gettext_lazy("붙일 태그"), max_length=2000, required=False)
    remove = forms.CharField(label=gettext_lazy("뗄 태그"), max_length=2000, required=False)
    pace_s = forms.FloatField(
        label=gettext_lazy("변경 사이의 간격(초)"),
        min_value=0,
        max_value=operations.SLOWEST_PACE_S,
        initial=0,
        required=False,
    )

    def clean_machines(self) -> list[int]:
        words = str(self.cleaned_data["machines"]).split(",")
        if not all(word.isascii() and word.isdigit() and len(word) <= _DIGITS for word in words):
            raise ValidationError(gettext_lazy("화면을 새로 고친 뒤 다시 하십시오."))
        return [int(word) for word in words]

    def order(self) -> BulkOrder:
        """Return what the form asks for."""
        values = self.cleaned_data
        return BulkOrder(
            kind=ACTIONS[values["action"]][0],
            machine_ids=values["machines"],
            add=_words(values["add"]),
            remove=_words(values["remove"]),
            pace_s=values["pace_s"] or 0.0,
        )


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def chosen(request: HttpRequest, queryset: QuerySet[Any], action: str) -> dict[str, str]:
    """Return the fields with which a choice on the list begins the page of an order."""
    numbers = queryset.order_by("pk").values_list("pk", flat=True)
    limited = list(numbers[: operations.MOST_MACHINES + 1])
    return {"action": action, "machines": ",".join(str(number) for number in limited)}


def order_page(request: HttpRequest, data: Any, site: dict[str, Any]) -> HttpResponse:
    """Show what an order would do; with `go` among the data, start it and go to its page."""
    form = OrderForm(data)
    actor = staff_actor(request)
    if not form.is_valid():
        return _refused(request, [str(text) for errors in form.errors.values() for text in errors])
    action = form.cleaned_data["action"]
    if not actor.may_anywhere(ACTIONS[action][1]):
        raise PermissionDenied
    order, problem, planned = form.order(), "", list[Planned]()
    try:
        if "go" in data:
            job = operations.start_bulk(actor=actor, at=timezone.now(), order=order)
            return HttpResponseRedirect(reverse("admin:network_bulkjob_change", args=[job.pk]))
        planned = operations.plan_bulk(actor=actor, at=timezone.now(), order=order)
    except MachineProfile.DoesNotExist as error:
        raise Http404 from error
    except (NetworkConflictError, ValidationError) as error:
        problem = getattr(error, "sentence", "") or " ".join(getattr(error, "messages", ()))
    context = {**site, "form": form, "problem": problem, **_plan(action, planned)}
    return TemplateResponse(request, "network/bulk_order.html", context)


def _plan(action: str, planned: list[Planned]) -> dict[str, Any]:
    kind, _permission, verb = ACTIONS[action]
    meant = [item for item in planned if not item.skipped]
    servers = {item.machine.server_id for item in meant}
    expected = max((queries.expected_seconds(server_id=pk) or 0.0 for pk in servers), default=0.0)
    return {
        "title": _("%(verb)s: 머신 %(count)d대") % {"verb": verb, "count": len(planned)},
        "verb": verb,
        "consequence": _CONSEQUENCES[action],
        "asks_tags": kind == CommandKind.SET_TAGS,
        "danger": action in ("bulk_expire", "bulk_delete"),
        "planned": planned[:_MOST_SHOWN],
        "more": max(0, len(planned) - _MOST_SHOWN),
        "meant": len(meant),
        "minutes": max(1, round(expected * len(meant) / 60)),
        "back_url": reverse("admin:network_machineprofile_changelist"),
        "order_url": reverse("admin:network_machine_bulk"),
    }


def _refused(request: HttpRequest, sentences: list[str]) -> HttpResponse:
    messages.add_message(request, messages.ERROR, " ".join(sentences))
    return HttpResponseRedirect(reverse("admin:network_machineprofile_changelist"))


@admin.register(BulkJob)
class BulkJobAdmin(DetailAdmin):
    """Each job: how far it is, what came of each machine, and its brakes."""

    read_permission = "commands:read"
    list_display = ["look", "name", "progress", "requested_by", "requested_at", "finished_at"]
    list_display_links = ["name"]
    list_filter = ["state", "kind"]
    ordering = ["-pk"]
    list_select_related = False
    action_names = frozenset({"pause", "resume", "stop"})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return queries.bulk_jobs()

    def server_id_of(self, row: Any) -> int:
        return 0

    def shown(self, actor: Actor, row: Any) -> Shown:
        attributes = [
            Attribute(_("진행"), _("끝난 머신 / 모든 머신"), self.progress(row)),
            Attribute(_("실패"), _("사람이 봐야 하는 것을 포함합니다"), str(row.failed)),
            Attribute(_("건너뜀"), _("바꿀 것이 없었던 머신"), str(row.skipped)),
            Attribute(_("간격"), _("변경 사이에 쉬는 시간"), _("%(s)g초") % {"s": row.pace_s}),
            Attribute(_("요청한 사람"), _("시작한 사람"), row.requested_by),
        ]
        items = queries.bulk_items(row)[:_MOST_SHOWN]
        head = (_("머신"), _("결과"), _("이유"))
        panel = Panel(_("머신마다의 결과"), head, tuple(_result(item) for item in items))
        note = _("잇따라 실패해서 멈추었습니다. 이유를 보고 다시 시작하십시오.")
        return Shown(
            str(row),
            BULK_LOOKS[row.state],
            attributes,
            row.finished_at or row.requested_at,
            note=note if row.paused_by_failures else "",
            panels=(panel,),
        )

    def buttons(self, actor: Actor, row: Any) -> list[Button]:
        if not actor.may(operations.PERMISSIONS[row.kind], row.company_code):
            return []
        if row.state == BulkState.RUNNING:
            return [self._brake(row, "pause"), self._brake(row, "stop")]
        if row.state == BulkState.PAUSED:
            return [self._brake(row, "resume"), self._brake(row, "stop")]
        return []

    def _brake(self, row: Any, action: str) -> Button:
        verb, consequence, operation = {
            "pause": (
                _("잠시 멈추기"),
                _("지금 하고 있는 머신까지만 하고 쉽니다."),
                operations.pause_bulk,
            ),
            "resume": (_("다시 시작"), _("남은 머신을 이어서 합니다."), operations.resume_bulk),
            "stop": (
                _("그만하기"),
                _("남은 머신은 바꾸지 않습니다. 이미 바꾼 머신은 그대로입니다."),
                operations.stop_bulk,
            ),
        }[action]

        def ask(actor: Actor, at: Any, _values: dict[str, Any]) -> None:
            operation(actor=actor, at=at, job_id=row.pk)

        return Button(
            action=action,
            verb=verb,
            title=f"{row}: {verb}",
            consequence=consequence,
            done=_("바꾸었습니다."),
            ask=ask,
            danger=action == "stop",
            url=self.action_url(row, action),
        )

    @admin.display(description=gettext_lazy("상태"), ordering="state")
    def look(self, job: Any) -> SafeString:
        look = BULK_LOOKS[job.state]
        return _chip(look.state, look.word)

    @admin.display(description=gettext_lazy("대량 작업"), ordering="pk")
    def name(self, job: Any) -> str:
        return str(job)

    @admin.display(description=gettext_lazy("진행"))
    def progress(self, job: Any) -> str:
        return f"{job.succeeded + job.failed + job.skipped} / {job.total}"


def _result(item: Any) -> tuple[Any, ...]:
    """One machine's row: how it went as a chip, and why, in our words and the engine's."""
    if item.skipped:
        return (
            item.machine.name,
            _chip(COMMAND_LOOKS["CANCELLED"].state, _("건너뜀")),
            item.skipped,
        )
    if item.command is None:
        waiting = _chip(COMMAND_LOOKS["REQUESTED"].state, _("차례를 기다림"))
        return (item.machine.name, waiting, "")
    look: Look = COMMAND_LOOKS[item.command.state]
    url = reverse("admin:network_headscalecommand_change", args=[item.command.pk])
    reason = format_html(
        '{} <span class="quiet">{}</span> <a href="{}">{}</a>',
        item.command.error,
        item.command.engine[:_MOST_WORDS],
        url,
        _("명령 #%(number)d") % {"number": item.command.pk},
    )
    return (item.machine.name, _chip(look.state, look.word), reason)


def _chip(state: str, word: Any) -> SafeString:
    return render_to_string("blocks/status_chip.html", {"state": state, "word": word})
