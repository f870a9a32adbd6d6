"""Servers and synchronisations in the administration. Read only: servers come from the settings."""

from __future__ import annotations

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from network.looks import SYNC_LOOKS
from network.models import HeadscaleServer, SyncRun
from pharmacies.access.staff import ReadOnlyAdmin


@admin.register(HeadscaleServer)
class HeadscaleServerAdmin(ReadOnlyAdmin):
    """Each engine, and since when its picture is confirmed."""

    read_permission = "machines:read"
    platform_only = True
    list_display = ["name", "slug", "release", "simulated", "confirmed_at", "failing_since_at"]
    ordering = ["pk"]
    list_select_related = False
    actions = None


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

    @admin.display(description=_("결과"))
    def look(self, run: SyncRun) -> SafeString:
        look = SYNC_LOOKS[run.outcome]
        return render_to_string("blocks/status_chip.html", {"state": look.state, "word": look.word})

    @admin.display(description=_("엔진 / 우리"))
    def duration(self, run: SyncRun) -> str:
        return f"{run.engine_seconds:.2f}s / {run.seconds:.2f}s"
