"""Friendly validation of the columns of `pharmacy_info`; the rules are in `identifiers`."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from pharmacies.identifiers import IdentifierError, format_phone, parse_business_number

_COMPANY_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}", re.ASCII)
_BUSINESS_NUMBER_SENTENCES = {
    "form": _("사업자등록번호는 숫자 10자리입니다. 예: 123-45-67891"),
    "checksum": _("사업자등록번호의 마지막 숫자가 맞지 않습니다. 번호를 다시 확인해 주십시오."),
}


def validate_company_code(value: str) -> None:
    if not _COMPANY_CODE.fullmatch(value):
        raise ValidationError(
            _("회사 코드는 영문자와 숫자로 20자까지입니다. 예: SEOUL01"), code="company_code"
        )


def validate_printable(value: str) -> None:
    """Refuse control and direction characters, which make a name look like another."""
    if not value.isprintable():
        raise ValidationError(_("보이지 않는 문자는 쓸 수 없습니다."), code="not_printable")


def validate_business_number(value: str) -> None:
    """Accept a business number with or without hyphens; the stored form is digits only."""
    try:
        parse_business_number(value)
    except IdentifierError as error:
        raise ValidationError(
            _BUSINESS_NUMBER_SENTENCES[error.reason], code=f"business_number_{error.reason}"
        ) from error


def validate_phone(value: str) -> None:
    try:
        format_phone(value)
    except IdentifierError as error:
        raise ValidationError(
            _("전화번호를 확인해 주십시오. 예: 02-123-4567, 010-1234-5678"), code="phone_form"
        ) from error
