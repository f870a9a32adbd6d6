"""People, their places and rights, and the record of what they did."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken

from pharmacies.access.roles import Role
from pharmacies.tenancy import TenantManager, platform_company_code


class User(AbstractUser):  # type: ignore[django-manager-missing]  # knox ships no types
    """A person who signs in: staff of the operator, or someone in a pharmacy."""

    class Meta:
        verbose_name = _("사용자")
        verbose_name_plural = _("사용자")

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Membership(models.Model):
    """Someone's role in a company; without a company, on the platform itself (staff)."""

    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("사용자")
    )
    company_code = platform_company_code()
    role = models.CharField(_("역할"), max_length=20, choices=Role.choices)

    class Meta:
        verbose_name = _("소속")
        verbose_name_plural = _("소속")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "company_code"], name="membership_once"),
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(company_code__isnull=True),
                name="membership_platform_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"


class ApiToken(AbstractAuthToken):  # type: ignore[misc]  # knox ships no types
    """A program's key to the API: hashed, expiring, bound to scopes and perhaps to one company."""

    name = models.CharField(_("이름"), max_length=100)
    scopes = models.JSONField(_("권한 범위"), default=list)
    company_code = platform_company_code()

    class Meta:
        verbose_name = _("API 토큰")
        verbose_name_plural = _("API 토큰")

    def __str__(self) -> str:
        return self.name


class AppendOnlyError(RuntimeError):
    """Somebody tried to change history."""


class AppendOnlyQuerySet(models.QuerySet["AuditEvent"]):
    """Rows that are added and read, never changed."""

    def update(self, **_values: Any) -> NoReturn:
        raise AppendOnlyError("Audit events are never changed.")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("Audit events are never deleted.")


class AuditEvent(models.Model):
    """One thing that somebody did or was refused; never changed (a trigger on PostgreSQL too)."""

    at = models.DateTimeField(_("시각"), db_index=True)
    actor_label = models.CharField(_("누가"), max_length=200)
    user_id = models.BigIntegerField(_("사용자 번호"), null=True, blank=True)
    company_code = platform_company_code()
    action = models.CharField(_("무엇을"), max_length=60)
    target_type = models.CharField(_("대상 종류"), max_length=60)
    target_id = models.CharField(_("대상 번호"), max_length=64)
    target_label = models.CharField(_("대상"), max_length=200)
    details = models.JSONField(_("자세히"), default=dict)

    objects = TenantManager.from_queryset(AppendOnlyQuerySet, "TenantAuditManager")()

    class Meta:
        verbose_name = _("감사 기록")
        verbose_name_plural = _("감사 기록")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company_code", "id"], name="audit_company_id_unique"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["target_type", "target_id", "-at"], name="audit_target"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_label} {self.action} {self.target_label}"

    def _do_update(self, *_args: Any, **_values: Any) -> NoReturn:
        """Refuse the step of saving that would change a stored row."""
        raise AppendOnlyError("Audit events are never changed.")

    def delete(self, *_args: Any, **_options: Any) -> NoReturn:
        raise AppendOnlyError("Audit events are never deleted.")


class IdempotencyRecord(models.Model):
    """The answer that a person's request with an Idempotency-Key was given, for 24 hours."""

    actor_label = models.CharField(max_length=200)
    company_code = models.CharField(max_length=20, blank=True, default="")
    route = models.CharField(max_length=300)
    key = models.CharField(max_length=200)
    body_digest = models.CharField(max_length=64)
    command_id = models.BigIntegerField(null=True)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("요청 기록")
        verbose_name_plural = _("요청 기록")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["actor_label", "company_code", "route", "key"], name="idempotency_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.route} {self.key}"
