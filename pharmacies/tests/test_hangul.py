"""Initial consonants, as people type them into a search."""

from __future__ import annotations

import pytest

from pharmacies.hangul import are_initials, initials


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("가나다약국", "ㄱㄴㄷㅇㄱ"),
        ("서울 중앙약국", "ㅅㅇㅈㅇㅇㄱ"),
        ("조제실-PC", "ㅈㅈㅅ-pc"),
        ("까치 힣", "ㄲㅊㅎ"),
        ("ㄱㄴ", "ㄱㄴ"),
        ("counter-1", ""),
        ("", ""),
        ("漢字", ""),
    ],
)
def test_each_syllable_gives_its_first_letter(text: str, found: str) -> None:
    assert initials(text) == found


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ㄱㄴㄷ", True),
        ("ㄱ1", True),
        ("가ㄴ", False),
        ("가나", False),
        ("abc", False),
        ("", False),
    ],
)
def test_a_search_means_initials_when_it_has_no_whole_syllable(text: str, meant: bool) -> None:
    assert are_initials(text) is meant
