"""Korean identifiers: what is taken, in which form it is kept, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pharmacies.identifiers import (
    IdentifierError,
    business_number_check_digit,
    format_business_number,
    format_phone,
    parse_business_number,
)

# Public numbers: Naver, Samsung Electronics, Kakao, and a fourth of the documentation of stdnum.
PUBLIC = ["220-81-62517", "124-81-00998", "120-81-47521", "116-82-00276"]


@pytest.mark.parametrize("text", PUBLIC)
def test_public_numbers(text: str) -> None:
    digits = parse_business_number(text)

    assert digits == text.replace("-", "")
    assert parse_business_number(digits) == digits
    assert format_business_number(digits) == text


@pytest.mark.parametrize(
    "text",
    ["220-81-62518", "2208162510", "124-81-00999", "120-81-47520", "123-45-67890", "0000000001"],
)
def test_a_wrong_check_digit(text: str) -> None:
    with pytest.raises(IdentifierError) as refused:
        parse_business_number(text)

    assert refused.value.reason == "checksum"


@pytest.mark.parametrize(
    "text",
    [
        *("", "220-81-6251", "22081625170", "220-816-2517", "220 81 62517", " 2208162517"),
        *(
            "2208162517\n",
            "２２０８１６２５１７",
            "٢٢٠٨١٦٢٥١٧",
            "abc",
            "220-81-62517-",
            "--2208162517",
        ),
    ],
)
def test_a_wrong_form(text: str) -> None:
    with pytest.raises(IdentifierError) as refused:
        parse_business_number(text)

    assert refused.value.reason == "form"


@given(st.text("0123456789", min_size=9, max_size=9))
def test_one_tenth_digit_in_ten_is_right(first_nine: str) -> None:
    right = business_number_check_digit(first_nine)

    assert parse_business_number(f"{first_nine}{right}")
    for wrong in set(range(10)) - {right}:
        with pytest.raises(IdentifierError):
            parse_business_number(f"{first_nine}{wrong}")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("021234567", "02-123-4567"),
        ("0212345678", "02-1234-5678"),
        ("02-123-4567", "02-123-4567"),
        ("031 123 4567", "031-123-4567"),
        ("05312345678", "053-1234-5678"),
        ("01012345678", "010-1234-5678"),
        ("0111234567", "011-123-4567"),
        ("07012345678", "070-1234-5678"),
        ("050712345678", "0507-1234-5678"),
        ("15881234", "1588-1234"),
        ("1661-1234", "1661-1234"),
        ("18991234", "1899-1234"),
    ],
)
def test_telephone_numbers(text: str, shown: str) -> None:
    assert format_phone(text) == shown
    assert format_phone(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "12345678", "0123456789012", "+82-2-123-4567", "(02)123-4567", "02--123-4567"),
        *("02-12-34567x", "０２１２３４５６７", "010-1234-567\n", "1788-1234", "911"),
    ],
)
def test_what_is_no_telephone_number(text: str) -> None:
    with pytest.raises(IdentifierError):
        format_phone(text)


@given(st.text(max_size=30))
def test_any_text_is_shown_or_refused(text: str) -> None:
    for read in (parse_business_number, format_phone):
        try:
            assert read(text).replace("-", "").isdigit()
        except IdentifierError:
            continue
