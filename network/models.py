"""How we reach the pharmacies: servers, machines, their states, and what we asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.deletion import Collector
from django.utils.translation import gettext_lazy as _

from network.states import CommandKind, CommandState, MachineStatus, SyncOutcome
from pharmacies.models import Pharmacy
from pharmacies.tenancy import COMPANY_CODE_LENGTH, TenantManager, platform_company_code


def back_to_the_platform(
    collector: Collector, field: models.ForeignKey[Any, Any], rows: Sequence[Any], _using: str
) -> None:
    """Leave the machines of a deleted pharmacy to the platform: no pharmacy, no company."""
    collector.add_field_update(field, None, rows)
    collector.add_field_update(MachineProfile._meta.get_field("company_code"), None, rows)


class HeadscaleServer(models.Model):
    """One Headscale installation. Made from the settings by `slug`; its command lives only there.

    `generation` numbers the synchronisations as they start, `applied_generation` is the newest one
    whose picture (or a newer change) we show; `confirmed_at` is when that picture was asked for.
    """

    slug = models.SlugField(_("식별자"), max_length=40, unique=True)
    name = models.CharField(_("이름"), max_length=100)
    simulated = models.BooleanField(_("모의 엔진"), default=False)
    login_url = models.URLField(_("로그인 주소"), blank=True, default="")
    release = models.CharField(_("판"), max_length=60, blank=True, default="")
    generation = models.BigIntegerField(_("세대"), default=0)
    applied_generation = models.BigIntegerField(_("반영한 세대"), default=0)
    confirmed_at = models.DateTimeField(_("마지막 확인"), null=True)
    failing_since_at = models.DateTimeField(_("실패 시작"), null=True)
    held_since_at = models.DateTimeField(_("보류 시작"), null=True)
    sync_lease_until_at = models.DateTimeField(_("동기화 임대"), null=True)

    class Meta:
        verbose_name = _("서버")
        verbose_name_plural = _("서버")

    def __str__(self) -> str:
        return self.name


class HeadscaleUser(models.Model):
    """A user of one server as last read; whose it is, only a PharmacyLink says.

    `name` may hold any text from 0.27 on. `gone_at` is set when the engine no longer lists it.
    """

    server = models.ForeignKey(
        HeadscaleServer, on_delete=models.CASCADE, related_name="users", verbose_name=_("서버")
    )
    headscale_user_id = models.BigIntegerField(_("네트워크 사용자 번호"))
    name = models.TextField(_("이름"), blank=True, default="")
    display_name = models.TextField(_("표시 이름"), blank=True, default="")
    confirmed_at = models.DateTimeField(_("마지막 확인"))
    gone_at = models.DateTimeField(_("사라진 시각"), null=True)

    class Meta:
        verbose_name = _("네트워크 사용자")
        verbose_name_plural = _("네트워크 사용자")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["server", "headscale_user_id"], name="headscale_user_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PharmacyLink(models.Model):
    """A pharmacy's user on one server: the truth about which Headscale user is whose."""

    pharmacy = models.ForeignKey(
        Pharmacy, on_delete=models.PROTECT, related_name="links", verbose_name=_("약국")
    )
    server = models.ForeignKey(
        HeadscaleServer, on_delete=models.PROTECT, related_name="links", verbose_name=_("서버")
    )
    company_code = models.CharField(_("회사 코드"), max_length=COMPANY_CODE_LENGTH)
    headscale_user_id = models.BigIntegerField(_("네트워크 사용자 번호"))
    headscale_user_name = models.CharField(_("네트워크 사용자"), max_length=255)

    objects = TenantManager()

    class Meta:
        verbose_name = _("약국 연결")
        verbose_name_plural = _("약국 연결")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company_code", "id"], name="link_company_id_unique"),
            models.UniqueConstraint(fields=["server", "headscale_user_id"], name="link_user_once"),
            models.UniqueConstraint(fields=["pharmacy", "server"], name="link_pharmacy_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pharmacy} → {self.headscale_user_name}"


class MachineProfile(models.Model):
    """One machine ever seen on a server, known by node id and machine key.

    The columns of the engine are its newest confirmed answer; `online` is the engine's word, what
    people see is made of it, the expiry and the age (see `queries`). `hostname` is the device's own
    text and hostile. `gone_at` is set when the engine no longer lists it; the history stays.
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
    role = models.CharField(_("역할"), max_length=20, blank=True, default="")
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
    os = models.CharField(_("운영체제"), max_length=100, blank=True, default="")
    client_version = models.CharField(_("클라이언트"), max_length=100, blank=True, default="")
    state = models.CharField(
        _("기록된 상태"),
        max_length=10,
        choices=MachineStatus.choices,
        default=MachineStatus.OFFLINE,
    )
    state_since_at = models.DateTimeField(_("상태 시작"))
    first_seen_at = models.DateTimeField(_("처음 본 시각"))
    gone_at = models.DateTimeField(_("사라진 시각"), null=True)

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
    """An interval during which a machine was observed in one state; at most one is open."""

    machine = models.ForeignKey(
        MachineProfile, on_delete=models.CASCADE, related_name="states", verbose_name=_("머신")
    )
    state = models.CharField(_("상태"), max_length=10, choices=MachineStatus.choices)
    started_at = models.DateTimeField(_("시작"))
    ended_at = models.DateTimeField(_("끝"), null=True)
    generation = models.BigIntegerField(_("세대"))

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


class HeadscaleCommand(models.Model):
    """A change that was asked of the engine: handle, status and log in one row.

    The row is the truth, the message only a doorbell. `attempt` fences a late worker; the lease is
    kept by the database's clock. `before` holds what the worker saw right before the call;
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
            models.Index(fields=["server", "state", "id"], name="command_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.target_label}"
