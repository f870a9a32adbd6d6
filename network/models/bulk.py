"""Work on many machines: one row for the whole, one for each machine."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from network.models.commands import HeadscaleCommand
from network.models.machines import MachineProfile
from network.states import BulkState, CommandKind
from pharmacies.tenancy import TenantManager, platform_company_code


class BulkJob(models.Model):
    """A change of many machines that goes through the lanes one by one, at a pace.

    At most one of its commands is in a lane at a time, at least `pace_s` after the previous one
    ended. `arguments` are those of every command. After several failures in a row it pauses itself
    (`paused_by_failures`); only what was asked since `resumed_at` counts.
    """

    kind = models.CharField(_("종류"), max_length=30, choices=CommandKind.choices)
    company_code = platform_company_code()
    arguments = models.JSONField(_("인수"), default=dict)
    state = models.CharField(
        _("상태"), max_length=10, choices=BulkState.choices, default=BulkState.RUNNING
    )
    pace_s = models.FloatField(_("간격(초)"), default=0)
    requested_by = models.CharField(_("요청한 사람"), max_length=200)
    requested_at = models.DateTimeField(_("요청"))
    paused_by_failures = models.BooleanField(_("실패로 멈춤"), default=False)
    resumed_at = models.DateTimeField(_("다시 시작"), null=True)
    finished_at = models.DateTimeField(_("끝"), null=True)

    objects = TenantManager()

    class Meta:
        verbose_name = _("대량 작업")
        verbose_name_plural = _("대량 작업")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company_code", "id"], name="bulk_company_id_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"


class BulkItem(models.Model):
    """One machine of a bulk job: `command` once it is in the lane, `skipped` with a reason.

    `company_code` is whose the machine was when the job was started; in other hands it is skipped.
    """

    job = models.ForeignKey(
        BulkJob, on_delete=models.CASCADE, related_name="items", verbose_name=_("대량 작업")
    )
    machine = models.ForeignKey(
        MachineProfile, on_delete=models.CASCADE, related_name="bulk_items", verbose_name=_("머신")
    )
    company_code = platform_company_code()
    arguments = models.JSONField(_("인수"), default=dict)
    command = models.OneToOneField(
        HeadscaleCommand,
        on_delete=models.SET_NULL,
        null=True,
        related_name="bulk_item",
        verbose_name=_("명령"),
    )
    skipped = models.CharField(_("건너뛴 이유"), max_length=400, blank=True, default="")

    objects = TenantManager()

    class Meta:
        verbose_name = _("대량 작업 항목")
        verbose_name_plural = _("대량 작업 항목")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["company_code", "id"], name="bulk_item_company_id_unique"
            ),
            models.UniqueConstraint(fields=["job", "machine"], name="bulk_machine_once"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.machine_id}"
