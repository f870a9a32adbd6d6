"""Korean identifiers of a pharmacy as pure functions: parse, check, show. No Django."""

from __future__ import annotations

import re

_BUSINESS_NUMBER_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_BUSINESS_NUMBER = re.compile(r"[0-9]{3}-?[0-9]{2}-?[0-9]{5}", re.ASCII)
_PHONE_CHARACTERS = re.compile(r"[0-9]+(?:[- ][0-9]+)*", re.ASCII)
_PHONE_FORMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(02)([0-9]{3,4})([0-9]{4})"), r"\1-\2-\3"),
    (re.compile(r"(050[0-9])([0-9]{3,4})([0-9]{4})"), r"\1-\2-\3"),
    (re.compile(r"(01[016789])([0-9]{3,4})([0-9]{4})"), r"\1-\2-\3"),
    (re.compile(r"(070|0[3-6][1-5])([0-9]{3,4})([0-9]{4})"), r"\1-\2-\3"),
    (re.compile(r"(1[568][0-9]{2})([0-9]{4})"), r"\1-\2"),
)


class IdentifierError(ValueError):
    """An identifier does not have its form, or its check digit is wrong.

    `reason` is one of the codes `form`, `checksum`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def business_number_check_digit(first_nine: str) -> int:
    """Compute the tenth digit of a business registration number from the first nine digits."""
    digits = [int(digit) for digit in first_nine]
    total = sum(d * w for d, w in zip(digits, _BUSINESS_NUMBER_WEIGHTS, strict=True))
    total += digits[8] * 5 // 10
    return (10 - total % 10) % 10


def parse_business_number(text: str) -> str:
    """Return the ten digits of `123-45-67890` or `1234567890`.

    Raises IdentifierError(`form`) for any other spelling and IdentifierError(`checksum`) when the
    check digit is wrong (rule of the Korean tax service).
    """
    if not _BUSINESS_NUMBER.fullmatch(text):
        raise IdentifierError("form")
    digits = text.replace("-", "")
    if business_number_check_digit(digits[:9]) != int(digits[9]):
        raise IdentifierError("checksum")
    return digits


def format_business_number(digits: str) -> str:
    """Show ten digits as `NNN-NN-NNNNN`."""
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"


def format_phone(text: str) -> str:
    """Return a Korean telephone number with hyphens, such as `02-123-4567` or `010-1234-5678`.

    Raises IdentifierError(`form`) for anything that is not a Korean number.
    """
    if not _PHONE_CHARACTERS.fullmatch(text):
        raise IdentifierError("form")
    digits = re.sub(r"[^0-9]", "", text)
    for form, shown in _PHONE_FORMS:
        if form.fullmatch(digits):
            return form.sub(shown, digits)
    raise IdentifierError("form")
