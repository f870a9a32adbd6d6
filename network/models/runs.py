"""Attempts to bring our picture of an engine up to date."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from network.models.servers import HeadscaleServer
from network.states import SyncOutcome


class SyncRun(models.Model):
    """One attempt to bring our picture of a server up to date, applied whole or not at all."""

    server = models.ForeignKey(
        HeadscaleServer, on_delete=models.CASCADE, related_name="sync_runs", verbose_name=_("서버")
    )
    generation = models.BigIntegerField(_("세대"))
    started_at = models.DateTimeField(_("시작"), db_index=True)
    seconds = models.FloatField(_("걸린 시간(초)"), default=0)
    engine_seconds = models.FloatField(_("엔진이 쓴 시간(초)"), default=0)
    outcome = models.CharField(_("결과"), max_length=12, choices=SyncOutcome.choices)
    list_bytes = models.IntegerField(_("목록 크기(바이트)"), default=0)
    machines = models.IntegerField(_("머신"), default=0)
    online = models.IntegerField(_("온라인"), default=0)
    changes = models.IntegerField(_("변화"), default=0)
    error_code = models.CharField(_("오류 코드"), max_length=40, blank=True, default="")
    engine = models.TextField(_("엔진의 말"), blank=True, default="")

    class Meta:
        verbose_name = _("동기화")
        verbose_name_plural = _("동기화")

    def __str__(self) -> str:
        return f"{self.server} #{self.generation} {self.get_outcome_display()}"


class SyncGap(models.Model):
    """A time in which nobody knows how the machines of a server were. A gap is not downtime.

    It begins with the last confirmation before and ends with the first one after; the one that
    goes on now has no row yet (see `HeadscaleServer.confirmed_at`).
    """

    server = models.ForeignKey(
        HeadscaleServer, on_delete=models.CASCADE, related_name="gaps", verbose_name=_("서버")
    )
    started_at = models.DateTimeField(_("시작"))
    ended_at = models.DateTimeField(_("끝"))

    class Meta:
        verbose_name = _("확인이 끊긴 시간")
        verbose_name_plural = _("확인이 끊긴 시간")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["server", "-started_at"], name="gap_history"),
        ]

    def __str__(self) -> str:
        return f"{self.server} {self.started_at:%Y-%m-%d %H:%M} – {self.ended_at:%H:%M}"
