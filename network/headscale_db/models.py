"""A window on Headscale's own tables. Unmanaged; the columns that 0.26 to 0.30 have in common.

Source: `hscontrol/db/schema.sql` and `hscontrol/types` of juanfont/headscale. Left out on purpose:
keys and hashes, and everything of which the command line knows better (expiry, routes, tags).
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
