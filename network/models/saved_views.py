"""What people keep for themselves: ways of looking at the list of machines."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SavedView(models.Model):
    """The filters, search and order of the machine list under a name; one person's own.

    `query` is what stands behind the `?` of the list's address.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="saved_views",
        verbose_name=_("사용자"),
    )
    name = models.CharField(_("이름"), max_length=50)
    query = models.CharField(_("조건"), max_length=1000, blank=True)

    class Meta:
        verbose_name = _("저장한 보기")
        verbose_name_plural = _("저장한 보기")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["user", "name"], name="saved_view_once"),
        ]

    def __str__(self) -> str:
        return self.name
