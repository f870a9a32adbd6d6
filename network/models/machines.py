"""Machines, the states they were in, and the changes that wait to be judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.deletion import Collector
from django.utils.translation import gettext_lazy as _

from network.models.servers import HeadscaleServer
from network.states import MachineRole, MachineStatus, StateCause
from pharmacies.models import Pharmacy
from pharmacies.tenancy import TenantManager, platform_company_code


def back_to_the_platform(
    collector: Collector, field: models.ForeignKey[Any, Any], rows: Sequence[Any], _using: str
) -> None:
    """Leave what a deleted pharmacy had to the platform: no pharmacy, no company."""
    collector.add_field_update(field, None, rows)
    company_code: Any = field.model._meta.get_field("company_code")
    collector.add_field_update(company_code, None, rows)


class MachineProfile(models.Model):
    """One machine ever seen on a server, known by node id and machine key.

    The columns of the engine are its newest confirmed answer; `online` is the engine's word, what
    people see is made of it, the expiry and the age (see `queries`). `hostname` is the device's own
    text and hostile, and so is everything that comes from the engine's database (`os` to
    `home_derp`, as of `details_at`). `gone_at` is set when the engine no longer lists it; the
    history stays. A machine that took the place of another is its `replaced_by`. `parked_at` says
    since when it is kept out of the network on purpose.
    """

    server = models.ForeignKey(
        HeadscaleServer, on_delete=models.PROTECT, related_name="machines", verbose_name=_("서버")
    )
    node_id = models.BigIntegerField(_("노드 번호"))
    machine_key = models.CharField(_("머신 키"), max_length=100)
    company_code = platform_company_code()
    pharmacy = models.ForeignKey(
        Pharmacy,
        on_delete=back_to_the_platform,
        null=True,
        blank=True,
        related_name="machines",
        verbose_name=_("약국"),
    )
    role = models.CharField(
        _("역할"), max_length=20, blank=True, default="", choices=MachineRole.choices
    )
    notes = models.TextField(_("메모"), blank=True, default="")
    name = models.CharField(_("이름"), max_length=255)
    hostname = models.TextField(_("장치가 알린 이름"), blank=True, default="")
    user_name = models.TextField(_("네트워크 사용자"), blank=True, default="")
    headscale_user_id = models.BigIntegerField(_("네트워크 사용자 번호"), null=True)
    online = models.BooleanField(_("온라인"), default=False)
    expires_at = models.DateTimeField(_("만료"), null=True)
    last_seen_at = models.DateTimeField(_("엔진이 마지막으로 본 시각"), null=True)
    joined_at = models.DateTimeField(_("참여 시각"), null=True)
    addresses = models.JSONField(_("주소"), default=list)
    tags = models.JSONField(_("태그"), default=list)
    announced_routes = models.JSONField(_("알린 경로"), default=list)
    approved_routes = models.JSONField(_("승인한 경로"), default=list)
    serving_routes = models.JSONField(_("사용 중인 경로"), default=list)
    preauth_key_id = models.BigIntegerField(_("가입한 키 번호"), null=True)
    os = models.CharField(_("운영체제"), max_length=100, blank=True, default="")
    os_version = models.CharField(_("운영체제 판"), max_length=100, blank=True, default="")
    client_version = models.CharField(_("클라이언트"), max_length=100, blank=True, default="")
    endpoints = models.JSONField(_("접속 지점"), default=list)
    home_derp = models.CharField(_("중계 지역"), max_length=20, blank=True, default="")
    details_at = models.DateTimeField(_("장치 정보를 읽은 시각"), null=True)
    initials = models.CharField(_("초성"), max_length=255, blank=True, default="")
    state = models.CharField(
        _("기록된 상태"),
        max_length=10,
        choices=MachineStatus.choices,
        default=MachineStatus.OFFLINE,
    )
    state_since_at = models.DateTimeField(_("상태 시작"))
    first_seen_at = models.DateTimeField(_("처음 본 시각"))
    gone_at = models.DateTimeField(_("사라진 시각"), null=True)
    parked_at = models.DateTimeField(_("격리 시작"), null=True)
    replaced_by = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        related_name="replaces",
        verbose_name=_("대신하는 머신"),
    )

    objects = TenantManager()

    class Meta:
        db_table = "machine_profiles"
        verbose_name = _("머신")
        verbose_name_plural = _("머신")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["company_code", "id"], name="machine_company_id_unique"
            ),
            models.UniqueConstraint(
                fields=["server", "node_id"],
                condition=Q(gone_at__isnull=True),
                name="machine_node_once",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["pharmacy", "gone_at"], name="machine_pharmacy"),
            models.Index(fields=["gone_at", "name"], name="machine_name"),
        ]

    def __str__(self) -> str:
        return self.name


class MachineState(models.Model):
    """An interval during which a machine was observed in one state; at most one is open.

    `cause` says why it began. What a `SyncGap` covers was not observed, whatever the interval says.
    """

    machine = models.ForeignKey(
        MachineProfile, on_delete=models.CASCADE, related_name="states", verbose_name=_("머신")
    )
    state = models.CharField(_("상태"), max_length=10, choices=MachineStatus.choices)
    started_at = models.DateTimeField(_("시작"))
    ended_at = models.DateTimeField(_("끝"), null=True)
    generation = models.BigIntegerField(_("세대"))
    cause = models.CharField(
        _("원인"), max_length=12, choices=StateCause.choices, default=StateCause.ENGINE
    )

    class Meta:
        verbose_name = _("머신 상태 구간")
        verbose_name_plural = _("머신 상태 구간")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["machine"],
                condition=Q(ended_at__isnull=True),
                name="machine_state_one_open",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["machine", "-started_at"], name="machine_state_history"),
        ]

    def __str__(self) -> str:
        return f"{self.machine_id} {self.state} {self.started_at:%Y-%m-%d %H:%M}"


class MachineTransition(models.Model):
    """A change of state that waits to be judged by whoever raises alerts."""

    machine = models.ForeignKey(
        MachineProfile, on_delete=models.CASCADE, related_name="transitions", verbose_name=_("머신")
    )
    from_state = models.CharField(
        _("이전"), max_length=10, choices=MachineStatus.choices, blank=True, default=""
    )
    to_state = models.CharField(_("이후"), max_length=10, choices=MachineStatus.choices)
    at = models.DateTimeField(_("시각"), db_index=True)
    generation = models.BigIntegerField(_("세대"))
    judged_at = models.DateTimeField(_("판정 시각"), null=True)

    class Meta:
        verbose_name = _("상태 변화")
        verbose_name_plural = _("상태 변화")
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["at"], condition=Q(judged_at__isnull=True), name="transition_unjudged"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.machine_id} {self.from_state} → {self.to_state}"
