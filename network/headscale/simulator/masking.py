"""Keeping keys out of the journal."""

from __future__ import annotations

import re

_KEY = re.compile(r"hskey-[a-z]+-[\w-]{20,}|[0-9a-f]{48,}|mkey:\w+")
_AFTER = frozenset({"-k", "--key", "--auth-id"})
_NAMED = re.compile(r"^(-k|--key=|--auth-id=)(?=.)")
MASK = "***"


def without_secrets(words: tuple[str, ...]) -> tuple[str, ...]:
    """This will put a mask over everything in a command line that is, or may be, a key."""
    masked: list[str] = []
    for position, word in enumerate(words):
        if position > 0 and words[position - 1] in _AFTER:
            masked.append(MASK)
        elif match := _NAMED.match(word):
            masked.append(match[0] + MASK)
        else:
            masked.append(_KEY.sub(MASK, word))
    return tuple(masked)
