"""What was asked of an engine."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from network.models.machines import MachineProfile
from network.models.servers import HeadscaleServer
from network.states import CommandKind, CommandState, Priority
from pharmacies.models import Pharmacy
from pharmacies.tenancy import TenantManager, platform_company_code


class HeadscaleCommand(models.Model):
    """A change that was asked of the engine: handle, status and log in one row.

    The row is the truth, the message only a doorbell. `due_at` is its place in the lane: the time
    of asking, moved by its priority (see `states.LANE_BONUS_S`). `attempt` fences a late worker,
    the lease is kept by the database's clock. `before` is what the worker saw before the call;
    `sealed_secret` is readable only for the holder of the private half of `public_key`.
    """

    server = models.ForeignKey(
        HeadscaleServer, on_delete=models.PROTECT, related_name="commands", verbose_name=_("서버")
    )
    kind = models.CharField(_("종류"), max_length=30, choices=CommandKind.choices)
    state = models.CharField(
        _("상태"), max_length=12, choices=CommandState.choices, default=CommandState.REQUESTED
    )
    company_code = platform_company_code()
    machine = models.ForeignKey(
        MachineProfile,
        on_delete=models.SET_NULL,
        null=True,
        related_name="commands",
        verbose_name=_("머신"),
    )
    pharmacy = models.ForeignKey(
        Pharmacy,
        on_delete=models.SET_NULL,
        null=True,
        related_name="commands",
        verbose_name=_("약국"),
    )
    target_label = models.CharField(_("대상"), max_length=255)
    fingerprint = models.CharField(_("머신 키"), max_length=100, blank=True, default="")
    arguments = models.JSONField(_("인수"), default=dict)
    before = models.JSONField(_("직전 상태"), default=dict)
    requested_by = models.CharField(_("요청한 사람"), max_length=200)
    requested_at = models.DateTimeField(_("요청"), db_index=True)
    priority = models.SmallIntegerField(
        _("순위"), choices=Priority.choices, default=Priority.NORMAL
    )
    due_at = models.DateTimeField(_("차례"))
    published_at = models.DateTimeField(_("대기열에 넣은 시각"), null=True)
    started_at = models.DateTimeField(_("시작"), null=True)
    called_at = models.DateTimeField(_("엔진이 답한 시각"), null=True)
    finished_at = models.DateTimeField(_("끝"), null=True)
    lease_until_at = models.DateTimeField(_("임대"), null=True)
    attempt = models.PositiveSmallIntegerField(_("시도"), default=0)
    argv = models.JSONField(_("명령줄(비밀 제외)"), default=list)
    exit_status = models.IntegerField(_("종료 상태"), null=True)
    output = models.TextField(_("출력(비밀 제외)"), blank=True, default="")
    seconds = models.FloatField(_("걸린 시간(초)"), null=True)
    result = models.JSONField(_("결과"), default=dict)
    error_code = models.CharField(_("오류 코드"), max_length=40, blank=True, default="")
    error = models.TextField(_("오류"), blank=True, default="")
    engine = models.TextField(_("엔진의 말"), blank=True, default="")
    public_key = models.CharField(_("봉인 열쇠"), max_length=64, blank=True, default="")
    sealed_secret = models.TextField(_("봉인된 비밀"), blank=True, default="")
    sealed_at = models.DateTimeField(_("봉인 시각"), null=True)

    objects = TenantManager()

    class Meta:
        verbose_name = _("명령")
        verbose_name_plural = _("명령")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["company_code", "id"], name="command_company_id_unique"
            ),
            # The lane: one running change per server; not knowing counts as running.
            models.UniqueConstraint(
                fields=["server"],
                condition=Q(state__in=["RUNNING", "UNKNOWN"]),
                name="command_lane",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["server", "state", "due_at", "id"], name="command_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.target_label}"
