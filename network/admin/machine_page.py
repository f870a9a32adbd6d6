"""One machine's page: what it is, how it was, and the buttons that the person may press."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from network import queries
from network.admin.buttons import Button
from network.admin.machine_buttons import buttons
from network.admin.uptime import strip_of
from network.looks import COMMAND_LOOKS, MACHINE_LOOKS, Event
from network.models import HeadscaleCommand, MachineProfile
from network.queries import MachineWithKey, MachineWithStatus
from pharmacies.access.actor import Actor
from pharmacies.access.staff import staff_actor
from pharmacies.templatetags.blocks import until

_MOST_EVENTS = 15


@dataclass(frozen=True, slots=True)
class Attribute:
    """A term with its explanation and value; `mono` for technical ones, `copy` with a button."""

    term: str
    explanation: str
    value: Any
    mono: bool = False
    copy: bool = False


def page(request: HttpRequest, machine_id: int, site: dict[str, Any]) -> HttpResponse:
    """Show the whole page; 404 for a machine that is gone or another tenant's."""
    context = {**site, **machine_context(staff_actor(request), machine_id)}
    context["title"] = _("머신")
    return TemplateResponse(request, "network/machine.html", context)


def fragment(request: HttpRequest, machine_id: int) -> HttpResponse:
    """Show only the part of the page that a change can alter."""
    context = machine_context(staff_actor(request), machine_id)
    return TemplateResponse(request, "network/machine_part.html", context)


def visible_machine(actor: Actor, machine_id: int) -> MachineWithKey:
    """Return a machine that the person may see; raises Http404 or PermissionDenied."""
    if not actor.may_anywhere("machines:read"):
        raise PermissionDenied
    try:
        return queries.machines_with_keys(at=timezone.now()).get(pk=machine_id)
    except MachineProfile.DoesNotExist as error:
        raise Http404 from error


def machine_context(actor: Actor, machine_id: int) -> dict[str, Any]:
    machine = visible_machine(actor, machine_id)
    look = queries.look_of(machine, at=timezone.now())
    commands = list(queries.commands().filter(machine=machine)[:_MOST_EVENTS])
    may: list[Button] = buttons(actor, machine)
    return {
        "machine": machine,
        "look": look,
        "attributes": _attributes(machine),
        "events": _events(machine, commands),
        "routes": queries.routes_of_machine(machine),
        "strip": strip_of(machine, at=timezone.now()),
        "buttons": may,
        "list_url": reverse("admin:network_machineprofile_changelist"),
    }


def _attributes(machine: MachineWithKey) -> list[Attribute]:
    address = machine.addresses[0] if machine.addresses else ""
    others = ", ".join(machine.addresses[1:])
    return [
        Attribute(_("약국"), _("이 머신이 놓인 곳"), machine.pharmacy or _("미배정")),
        Attribute(_("주소"), _("사설 네트워크 안의 주소"), address, mono=True, copy=True),
        Attribute(_("다른 주소"), _("IPv6 주소 등"), others, mono=True),
        Attribute(_("만료"), _("이때부터 다시 로그인해야 합니다"), _ends(machine)),
        Attribute(_("장치가 알린 이름"), _("장치가 스스로 말한 이름"), machine.hostname, mono=True),
        Attribute(_("네트워크 사용자"), _("엔진에서의 주인"), machine.user_name, mono=True),
        Attribute(_("노드 번호"), _("엔진이 붙인 번호"), machine.node_id, mono=True, copy=True),
        Attribute(_("태그"), _("정책에서 쓰는 표시"), ", ".join(machine.tags), mono=True),
        Attribute(_("역할"), _("약국에서 하는 일"), machine.get_role_display()),
        Attribute(_("메모"), _("사람이 적어 둔 것"), machine.notes),
        Attribute(_("서버"), _("이 머신이 붙은 엔진"), machine.server),
        *_key_joined_with(machine),
        *_place_taken(machine),
        *_told_by_the_device(machine),
    ]


def _key_joined_with(machine: MachineWithKey) -> list[Attribute]:
    """Name the key with its purpose; keys of other companies and deleted ones by number alone."""
    if machine.preauth_key_id is None:
        return []
    shown = f"#{machine.preauth_key_id}"
    if machine.key is not None:
        url = reverse("admin:network_headscalepreauthkey_change", args=[machine.key])
        shown = format_html('<a href="{}">{}</a> {}', url, shown, machine.key_purpose or "")
    return [Attribute(_("가입한 키"), _("이 머신이 들어올 때 쓴 키"), shown)]


def _place_taken(machine: MachineWithStatus) -> list[Attribute]:
    """Whose place it took, and who took its own."""
    successor, former = queries.places_of(machine)
    rows = []
    if successor is not None:
        rows.append(Attribute(_("바꾼 머신"), _("이 자리에 온 머신"), successor))
    if former is not None:
        rows.append(Attribute(_("앞선 머신"), _("이 자리에 있던 머신"), former))
    return rows


def _told_by_the_device(machine: MachineWithStatus) -> list[Attribute]:
    """What only the engine's own database tells; nothing where it is not read."""
    if machine.details_at is None:
        return []
    system = f"{machine.os} {machine.os_version}".strip()
    endpoints = ", ".join(machine.endpoints)
    return [
        Attribute(_("운영체제"), _("장치가 알린 운영체제"), system),
        Attribute(_("클라이언트"), _("장치의 프로그램 판"), machine.client_version, mono=True),
        Attribute(_("접속 지점"), _("장치가 인터넷에서 보이는 주소"), endpoints, mono=True),
        Attribute(_("중계 지역"), _("직접 닿지 못할 때 거치는 곳"), machine.home_derp, mono=True),
    ]


def _ends(machine: MachineWithStatus) -> str:
    return until(machine.expires_at) or _("없음")


def _events(machine: MachineWithStatus, commands: list[HeadscaleCommand]) -> list[Event]:
    """Mix the machine's changes of state with what was asked of it, newest first."""
    changes = [
        Event(
            transition.at,
            MACHINE_LOOKS[transition.to_state].state,
            MACHINE_LOOKS[transition.to_state].word,
            _("처음 보임") if not transition.from_state else _("상태가 바뀌었습니다"),
        )
        for transition in machine.transitions.order_by("-pk")[:_MOST_EVENTS]
    ]
    asked = [_asked(command) for command in commands]
    return sorted(changes + asked, key=lambda event: event.at, reverse=True)[:_MOST_EVENTS]


def _asked(command: HeadscaleCommand) -> Event:
    look = COMMAND_LOOKS[command.state]
    url = reverse("admin:network_headscalecommand_change", args=[command.pk])
    text = str(command.get_kind_display())
    return Event(command.requested_at, look.state, look.word, text, command.requested_by, url)
