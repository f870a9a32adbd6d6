"""Keys of an engine as last read: those with which machines join, and those of programs."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from network.models.machines import back_to_the_platform
from network.models.servers import HeadscaleServer
from pharmacies.models import Pharmacy
from pharmacies.tenancy import TenantManager, platform_company_code


class HeadscalePreAuthKey(models.Model):
    """A key with which machines join. Its secret is nowhere: `shown` is what lists may show.

    What the engine cannot say is ours: what it is for, who asked for it, since when it is revoked.
    """

    server = models.ForeignKey(
        HeadscaleServer,
        on_delete=models.CASCADE,
        related_name="preauth_keys",
        verbose_name=_("서버"),
    )
    key_id = models.BigIntegerField(_("키 번호"))
    company_code = platform_company_code()
    pharmacy = models.ForeignKey(
        Pharmacy,
        on_delete=back_to_the_platform,
        null=True,
        related_name="preauth_keys",
        verbose_name=_("약국"),
    )
    headscale_user_id = models.BigIntegerField(_("네트워크 사용자 번호"), null=True)
    user_name = models.TextField(_("네트워크 사용자"), blank=True, default="")
    shown = models.CharField(_("표시"), max_length=40, blank=True, default="")
    reusable = models.BooleanField(_("여러 번 사용"), default=False)
    ephemeral = models.BooleanField(_("임시 머신"), default=False)
    used = models.BooleanField(_("사용됨"), default=False)
    tags = models.JSONField(_("태그"), default=list)
    expires_at = models.DateTimeField(_("만료"), null=True)
    created_at = models.DateTimeField(_("만든 시각"), null=True)
    purpose = models.CharField(_("용도"), max_length=200, blank=True, default="")
    requested_by = models.CharField(_("요청한 사람"), max_length=200, blank=True, default="")
    revoked_at = models.DateTimeField(_("폐기 시각"), null=True)
    confirmed_at = models.DateTimeField(_("마지막 확인"))
    gone_at = models.DateTimeField(_("사라진 시각"), null=True)

    objects = TenantManager()

    class Meta:
        verbose_name = _("가입 키")
        verbose_name_plural = _("가입 키")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["company_code", "id"], name="preauth_key_company_id_unique"
            ),
            models.UniqueConstraint(fields=["server", "key_id"], name="preauth_key_once"),
        ]

    def __str__(self) -> str:
        return f"#{self.key_id} {self.purpose or self.user_name}"


class HeadscaleApiKey(models.Model):
    """A key with which programs ask an engine from afar. Only its beginning is known here."""

    server = models.ForeignKey(
        HeadscaleServer, on_delete=models.CASCADE, related_name="api_keys", verbose_name=_("서버")
    )
    key_id = models.BigIntegerField(_("키 번호"))
    prefix = models.CharField(_("앞부분"), max_length=100)
    expires_at = models.DateTimeField(_("만료"), null=True)
    created_at = models.DateTimeField(_("만든 시각"), null=True)
    last_seen_at = models.DateTimeField(_("마지막 사용"), null=True)
    purpose = models.CharField(_("용도"), max_length=200, blank=True, default="")
    confirmed_at = models.DateTimeField(_("마지막 확인"))
    gone_at = models.DateTimeField(_("사라진 시각"), null=True)

    class Meta:
        verbose_name = _("엔진 API 키")
        verbose_name_plural = _("엔진 API 키")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["server", "key_id"], name="engine_api_key_once"),
        ]

    def __str__(self) -> str:
        return self.prefix
