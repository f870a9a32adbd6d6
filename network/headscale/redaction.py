"""Takes secrets out of text before it is logged, stored or shown. Pure."""

from __future__ import annotations

import re

HIDDEN = "***"

# 0.28 and later: hskey-<kind>-<12 public characters>-<64 secret ones>.
_MODERN_KEY = re.compile(r"(hskey-(?:auth|api|authreq|client)-[A-Za-z0-9_-]{12}-)[A-Za-z0-9_-]{8,}")
# Up to 0.27 a pre-auth key is 48 hexadecimal digits; public keys are longer and carry a prefix.
_LEGACY_KEY = re.compile(r"(?<![0-9A-Za-z:])[0-9a-f]{48}(?![0-9A-Za-z])")
_LEGACY_API_KEY = re.compile(r"(?<![0-9A-Za-z_-])([A-Za-z0-9_-]{7,12}\.)[A-Za-z0-9_-]{32,}")
_PRIVATE_KEY = re.compile(r"(privkey:)[0-9a-f]{16,}")


def redact(text: str) -> str:
    """Return the text with every key of Headscale replaced by its public part and `***`."""
    text = _MODERN_KEY.sub(rf"\1{HIDDEN}", text)
    text = _LEGACY_API_KEY.sub(rf"\1{HIDDEN}", text)
    text = _PRIVATE_KEY.sub(rf"\1{HIDDEN}", text)
    return _LEGACY_KEY.sub(HIDDEN, text)


def storable(text: str) -> str:
    """Return the text as any database takes it: without NUL and lone surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def redacted_argv(argv: tuple[str, ...]) -> list[str]:
    return [redact(word) for word in argv]
