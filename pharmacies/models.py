"""Who exists: companies and their pharmacies. Facts only; no network, no clock."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from pharmacies.tenancy import COMPANY_CODE_LENGTH, TenantManager
from pharmacies.validators import (
    validate_business_number,
    validate_company_code,
    validate_phone,
    validate_printable,
)


class Company(models.Model):
    """A tenant: a chain, a regional agency or a single pharmacy whose data nobody else sees."""

    company_code = models.CharField(
        _("회사 코드"),
        max_length=COMPANY_CODE_LENGTH,
        unique=True,
        validators=[validate_company_code],
    )
    name = models.CharField(_("회사 이름"), max_length=100, validators=[validate_printable])
    created_at = models.DateTimeField(_("등록 시각"), auto_now_add=True)

    objects = TenantManager()

    class Meta:
        verbose_name = _("회사")
        verbose_name_plural = _("회사")

    def __str__(self) -> str:
        return f"{self.name} ({self.company_code})"


class Pharmacy(models.Model):
    """A pharmacy as a place of business; its machines are linked to it by `network`."""

    company = models.ForeignKey(
        Company,
        to_field="company_code",
        db_column="company_code",
        on_delete=models.PROTECT,
        related_name="pharmacies",
        verbose_name=_("회사"),
    )
    pharmacy_name = models.CharField(
        _("약국 이름"), max_length=100, validators=[validate_printable]
    )
    initials = models.CharField(_("초성"), max_length=100, blank=True, default="", editable=False)
    business_number = models.CharField(
        _("사업자등록번호"),
        max_length=20,
        unique=True,
        null=True,
        blank=True,
        validators=[validate_business_number],
        help_text=_("숫자 10자리. 하이픈은 있어도 없어도 됩니다."),
    )
    manager_name = models.CharField(
        _("대표약사"), max_length=50, blank=True, default="", validators=[validate_printable]
    )
    phone = models.CharField(
        _("전화번호"), max_length=20, blank=True, default="", validators=[validate_phone]
    )
    headscale_user_name = models.CharField(
        _("네트워크 사용자"),
        max_length=50,
        blank=True,
        default="",
        editable=False,
        help_text=_("기본 서버의 연결에서 가져온 사본입니다. 여기서 바꾸지 않습니다."),
    )
    created_at = models.DateTimeField(_("등록 시각"), auto_now_add=True)
    updated_at = models.DateTimeField(_("수정 시각"), auto_now=True)

    objects = TenantManager("company_id")

    class Meta:
        db_table = "pharmacy_info"
        verbose_name = _("약국")
        verbose_name_plural = _("약국")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["company", "id"], name="pharmacy_company_id_unique"),
            models.CheckConstraint(
                condition=~models.Q(pharmacy_name=""), name="pharmacy_name_not_empty"
            ),
            models.CheckConstraint(
                condition=~models.Q(business_number=""), name="pharmacy_business_number_not_empty"
            ),
        ]

    def __str__(self) -> str:
        return self.pharmacy_name
