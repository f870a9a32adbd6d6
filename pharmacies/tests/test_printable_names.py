"""A name is what it looks like: no control or direction characters."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from pharmacies.validators import validate_printable


@pytest.mark.parametrize("name", ["\u202e가나", "가\u0007나", "가\x00나", "가\n나", "가\u200b나"])
def test_invisible_characters_are_refused(name: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_printable(name)

    assert refusal.value.code == "not_printable"


@pytest.mark.parametrize("name", ["가나다약국", "24시 온누리 약국", "Pharmacie Été (2호)"])
def test_names_of_pharmacies_pass(name: str) -> None:
    validate_printable(name)

    assert name.isprintable()
