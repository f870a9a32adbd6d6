"""A window on Headscale's own tables. Unmanaged; only columns that we read.

Source: `hscontrol/db/schema.sql` and `hscontrol/types` of juanfont/headscale. Left out on purpose:
keys and hashes, and everything of which the command line knows better (expiry, routes, tags). Times
are text here: SQLite holds them in mixed offsets, and only Python compares them rightly.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class EngineNode(models.Model):
    """A row of `nodes`: what only the engine's database tells about a machine."""

    id = models.BigIntegerField(_("번호"), primary_key=True)
    machine_key = models.TextField(_("머신 키"))
    hostname = models.TextField(_("장치가 알린 이름"))
    given_name = models.CharField(_("이름"), max_length=63)
    endpoints = models.TextField(_("접속 주소"), null=True)  # noqa: DJ001 -- the engine's NULL
    host_info = models.TextField(_("장치 정보"), null=True)  # noqa: DJ001 -- the engine's NULL

    class Meta:
        managed = False
        db_table = "nodes"
        default_permissions = ("view",)
        verbose_name = _("엔진의 머신")
        verbose_name_plural = _("엔진의 머신")

    def __str__(self) -> str:
        return self.given_name


class EngineUser(models.Model):
    """A row of `users`, as the engine numbers and names it."""

    id = models.BigIntegerField(_("번호"), primary_key=True)
    name = models.TextField(_("이름"), null=True)  # noqa: DJ001 -- the engine's NULL
    display_name = models.TextField(_("표시 이름"), null=True)  # noqa: DJ001 -- the engine's NULL

    class Meta:
        managed = False
        db_table = "users"
        default_permissions = ("view",)
        verbose_name = _("엔진의 사용자")
        verbose_name_plural = _("엔진의 사용자")

    def __str__(self) -> str:
        return self.name or str(self.pk)


class EnginePolicy(models.Model):
    """A row of `policies`: one policy ever set. The highest number is the current one."""

    id = models.BigIntegerField(_("번호"), primary_key=True)
    data = models.TextField(_("정책"), null=True)  # noqa: DJ001 -- the engine's NULL
    created_at = models.TextField(_("만든 시각"), null=True)  # noqa: DJ001 -- the engine's NULL
    updated_at = models.TextField(_("고친 시각"), null=True)  # noqa: DJ001 -- the engine's NULL

    class Meta:
        managed = False
        db_table = "policies"
        default_permissions = ("view",)
        verbose_name = _("엔진의 정책")
        verbose_name_plural = _("엔진의 정책")

    def __str__(self) -> str:
        return str(self.pk)


class EngineMigration(models.Model):
    """A row of `migrations`: a change of the schema that the engine has made."""

    id = models.TextField(_("이름"), primary_key=True)

    class Meta:
        managed = False
        db_table = "migrations"
        default_permissions = ("view",)
        verbose_name = _("엔진의 이전 기록")
        verbose_name_plural = _("엔진의 이전 기록")

    def __str__(self) -> str:
        return self.id


class EngineDatabaseVersion(models.Model):
    """The one row of `database_versions` (0.29 and later): the release that last used the file."""

    id = models.BigIntegerField(_("번호"), primary_key=True)
    version = models.TextField(_("판"), null=True)  # noqa: DJ001 -- the engine's NULL

    class Meta:
        managed = False
        db_table = "database_versions"
        default_permissions = ("view",)
        verbose_name = _("엔진 데이터베이스의 판")
        verbose_name_plural = _("엔진 데이터베이스의 판")

    def __str__(self) -> str:
        return self.version or ""
