"""The engines we reach, their users, and whose each user is."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from network.states import ReadingTopic
from pharmacies.models import Pharmacy
from pharmacies.tenancy import COMPANY_CODE_LENGTH, TenantManager


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
    series = models.CharField(_("판 계열"), max_length=10, blank=True, default="")
    generation = models.BigIntegerField(_("세대"), default=0)
    applied_generation = models.BigIntegerField(_("반영한 세대"), default=0)
    confirmed_at = models.DateTimeField(_("마지막 확인"), null=True)
    failing_since_at = models.DateTimeField(_("실패 시작"), null=True)
    held_since_at = models.DateTimeField(_("보류 시작"), null=True)
    hold_decision = models.CharField(_("보류에 대한 결정"), max_length=10, blank=True, default="")
    sync_lease_until_at = models.DateTimeField(_("동기화 임대"), null=True)

    class Meta:
        verbose_name = _("서버")
        verbose_name_plural = _("서버")

    def __str__(self) -> str:
        return self.name


class ServerReading(models.Model):
    """What the slower cycle last learnt of one topic, and since when it learns nothing.

    `value` is small plain JSON: `{"text", "series"}` of the release, `{"connected"}` of the health,
    `{"count"}` of lists, `{"exists", "sha256", "bytes"}` of the policy.
    """

    server = models.ForeignKey(
        HeadscaleServer, on_delete=models.CASCADE, related_name="readings", verbose_name=_("서버")
    )
    topic = models.CharField(_("주제"), max_length=20, choices=ReadingTopic.choices)
    value = models.JSONField(_("값"), default=dict)
    read_at = models.DateTimeField(_("마지막으로 읽은 시각"), null=True)
    failing_since_at = models.DateTimeField(_("실패 시작"), null=True)
    error_code = models.CharField(_("오류 코드"), max_length=40, blank=True, default="")
    engine = models.TextField(_("엔진의 말"), blank=True, default="")

    class Meta:
        verbose_name = _("읽은 값")
        verbose_name_plural = _("읽은 값")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["server", "topic"], name="reading_once"),
        ]

    def __str__(self) -> str:
        return f"{self.server_id} {self.topic}"


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
