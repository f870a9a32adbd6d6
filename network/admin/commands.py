"""Commands in the administration: what was asked of the engine and what it said. Read only."""

from __future__ import annotations

import shlex
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from network.admin.secret_page import take
from network.looks import COMMAND_LOOKS
from network.models import HeadscaleCommand
from pharmacies.access.staff import ReadOnlyAdmin


@admin.register(HeadscaleCommand)
class HeadscaleCommandAdmin(ReadOnlyAdmin):
    """Argument list and output without secrets, and how long it took."""

    read_permission = "commands:read"
    list_display = ["look", "kind", "target_label", "requested_by", "requested_at", "duration"]
    list_display_links = ["kind"]
    list_filter = ["state", "kind", "server"]
    search_fields = ["target_label", "requested_by", "error"]
    ordering = ["-pk"]
    list_select_related = ["server"]
    actions = None
    fields = [
        "look",
        "kind",
        "server",
        "target_label",
        "requested_by",
        "requested_at",
        "started_at",
        "finished_at",
        "duration",
        "attempt",
        "command_line",
        "exit_status",
        "output",
        "error",
        "engine",
        "result",
    ]

    def get_urls(self) -> list[URLPattern]:
        own = path(
            "<int:number>/secret/",
            self.admin_site.admin_view(self._secret),
            name="network_headscalecommand_secret",
        )
        return [own, *super().get_urls()]

    def _secret(self, request: HttpRequest, number: int) -> HttpResponse:
        return take(request, number, self.admin_site.each_context(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return self.fields

    @admin.display(description=_("상태"))
    def look(self, command: HeadscaleCommand) -> SafeString:
        look = COMMAND_LOOKS[command.state]
        return render_to_string("blocks/status_chip.html", {"state": look.state, "word": look.word})

    @admin.display(description=_("걸린 시간"))
    def duration(self, command: HeadscaleCommand) -> str:
        return "–" if command.seconds is None else f"{command.seconds:.2f}s"

    @admin.display(description=_("명령줄(비밀 제외)"))
    def command_line(self, command: HeadscaleCommand) -> str:
        return shlex.join(command.argv) or "–"
