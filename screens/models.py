"""The layout of screens: one row is one component on one screen of one company."""

from __future__ import annotations

from typing import ClassVar, NoReturn

from django.db import models
from django.db.models.lookups import Exact
from django.utils.translation import gettext_lazy as _

from pharmacies.tenancy import TenantManager, UnscopedAccessError
from screens.columns import DefaultNow, JsonKind, SerialField


class LayoutManager(TenantManager["ScreenLayout"]):
    """Rows of one company at a time; every statement through it names `company_code`."""

    def get_queryset(self) -> NoReturn:
        raise UnscopedAccessError("Layout rows are read through for_company(code) only.")


class ScreenLayout(models.Model):
    """A component on a screen: which code draws it, and what differs from that code's defaults."""

    layout_id = SerialField(_("번호"), primary_key=True)
    screen_id = models.CharField(_("화면"), max_length=50)
    component_id = models.CharField(_("컴포넌트"), max_length=100)
    component_url = models.CharField(_("컴포넌트 주소"), max_length=200)
    custom_config = models.JSONField(
        _("바꾼 설정"), default=dict, db_default=models.Value({}, models.JSONField())
    )
    parent_id = models.CharField(_("상위 컴포넌트"), max_length=100, null=True)  # noqa: DJ001 -- NULL is the root in this table
    position_x = models.IntegerField(_("가로 위치"), default=0, db_default=0)
    position_y = models.IntegerField(_("세로 위치"), default=0, db_default=0)
    width = models.IntegerField(_("너비"), default=100, db_default=100)
    height = models.IntegerField(_("높이"), default=100, db_default=100)
    display_order = models.IntegerField(_("순서"), null=True, default=0, db_default=0)
    company_code = models.CharField(_("회사 코드"), max_length=20)
    created_at = models.DateTimeField(_("등록 시각"), null=True, db_default=DefaultNow())
    updated_at = models.DateTimeField(_("수정 시각"), null=True, db_default=DefaultNow())

    objects: ClassVar[LayoutManager] = LayoutManager()

    class Meta:
        db_table = "screen_layouts_v1"
        verbose_name = _("화면 구성")
        verbose_name_plural = _("화면 구성")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["company_code", "screen_id", "component_id"],
                name="screen_layouts_v1_company_code_screen_id_component_id_key",
            ),
            models.CheckConstraint(
                condition=Exact(JsonKind("custom_config"), models.Value("object")),
                name="screen_layouts_v1_custom_config_object",
            ),
            models.CheckConstraint(
                condition=~models.Q(component_url=""), name="screen_layouts_v1_component_url"
            ),
            models.CheckConstraint(
                condition=~models.Q(company_code=""), name="screen_layouts_v1_company_code"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["company_code", "screen_id"], name="idx_v1_company_screen"),
            models.Index(fields=["company_code", "parent_id"], name="idx_v1_company_parent"),
            models.Index(fields=["component_url"], name="idx_v1_component_url"),
        ]

    def __str__(self) -> str:
        return f"{self.screen_id} · {self.component_id}"
