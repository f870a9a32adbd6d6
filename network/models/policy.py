"""The policies that were ever in force or proposed, byte for byte."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from network.models.servers import HeadscaleServer
from network.states import PolicySource


class PolicyVersion(models.Model):
    """One text of a server's policy. The one in force has `in_force_at` and no `replaced_at`.

    `proof` is what `network.policy.proof` said of it; `based_on_sha256` is the text it was meant to
    replace, empty for none.
    """

    server = models.ForeignKey(
        HeadscaleServer, on_delete=models.PROTECT, related_name="policies", verbose_name=_("서버")
    )
    text = models.TextField(_("내용"), blank=True)
    sha256 = models.CharField(_("지문"), max_length=64)
    source = models.CharField(_("출처"), max_length=12, choices=PolicySource.choices)
    comment = models.CharField(_("설명"), max_length=200, blank=True, default="")
    proof = models.JSONField(_("격리 증명"), default=dict)
    based_on_sha256 = models.CharField(_("바탕 지문"), max_length=64, blank=True, default="")
    created_by = models.CharField(_("만든 사람"), max_length=200)
    created_at = models.DateTimeField(_("만든 시각"))
    in_force_at = models.DateTimeField(_("적용 시각"), null=True)
    replaced_at = models.DateTimeField(_("교체 시각"), null=True)

    class Meta:
        verbose_name = _("정책")
        verbose_name_plural = _("정책")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["server"],
                condition=Q(in_force_at__isnull=False, replaced_at__isnull=True),
                name="policy_one_in_force",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["server", "-created_at"], name="policy_history"),
        ]

    def __str__(self) -> str:
        return f"{self.server} #{self.pk}"


class StaffGroup(models.Model):
    """People of the platform and what they reach on every pharmacy's machines of a server.

    `users` are names of the engine's users, `ports` like `22` or `5900-5910`, `protocol` empty for
    TCP and UDP. The policy is made of these and the pharmacies.
    """

    server = models.ForeignKey(
        HeadscaleServer, on_delete=models.CASCADE, related_name="groups", verbose_name=_("서버")
    )
    name = models.CharField(_("이름"), max_length=40)
    users = models.JSONField(_("네트워크 사용자"), default=list)
    ports = models.JSONField(_("포트"), default=list)
    protocol = models.CharField(_("프로토콜"), max_length=10, blank=True, default="")

    class Meta:
        verbose_name = _("직원 그룹")
        verbose_name_plural = _("직원 그룹")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["server", "name"], name="staff_group_once"),
        ]

    def __str__(self) -> str:
        return self.name
