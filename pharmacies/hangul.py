"""Initial consonants of Hangul, by which people search: 가나다약국 is found by ㄱㄴㄷ. Pure."""

from __future__ import annotations

_FIRST, _LAST = 0xAC00, 0xD7A3
_PER_INITIAL = 588
_INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"


def initials(text: str) -> str:
    """Return the text with each syllable replaced by its initial, and without spaces.

    Text without Hangul gives nothing: it is found by itself.
    """
    letters = [_initial(letter) for letter in text if not letter.isspace()]
    found = "".join(letters)
    return found if any(letter in _INITIALS for letter in letters) else ""


def are_initials(text: str) -> bool:
    """Say whether a search means initial consonants: it holds one, and no whole syllable."""
    syllable = any(_FIRST <= ord(letter) <= _LAST for letter in text)
    return not syllable and any(letter in _INITIALS for letter in text)


def _initial(letter: str) -> str:
    code = ord(letter)
    if _FIRST <= code <= _LAST:
        return _INITIALS[(code - _FIRST) // _PER_INITIAL]
    return letter.lower()
