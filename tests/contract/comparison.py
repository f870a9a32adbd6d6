"""What of two answers must be the same: everything but times, keys and other chance."""

from __future__ import annotations

import json
import re
from typing import Any

Json = Any  # anything that the json module reads

_ZERO_S = -62_135_596_800
_FAR_S = 1_900_000_000
_HEX_KEY = re.compile(r"\b(mkey|nodekey|discokey):[0-9a-f]{64}\b")
_AUTH_KEY = re.compile(r"\bhskey-(?:auth|api|client)-[\w-]{12}-(\*\*\*|[0-9a-f]{64})")
_OLD_API_KEY = re.compile(r"(?<![\w-])[\w-]{7}\.[\w-]{32}(?![\w-])")
_PREFIX = re.compile(r"[\w-]{7}")
_CLIENT = re.compile(r"[0-9a-f]{12}")
_OLD_KEY = re.compile(r"\b[0-9a-f]{48}\b")
_TIME = re.compile(r"\b20[12]\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_SUFFIX = re.compile(r"\b(invalid|pc-0001)-[a-z0-9]{8}\b")
_SOCKET = re.compile(r"[^\s\"]*/hs\.sock")
_SOURCE_TIME = re.compile(r'"time":\d+')


def normal_text(text: str) -> str:
    """This will put words in the place of everything that chance decides."""
    text = _HEX_KEY.sub(r"\1:KEY", text)
    text = _AUTH_KEY.sub(lambda match: "MASKED" if match[1] == "***" else "SECRET", text)
    text = _OLD_API_KEY.sub("SECRET", _OLD_KEY.sub("SECRET", text))
    text = _TIME.sub("TIME", text)
    text = _SUFFIX.sub(r"\1-SUFFIX", text)
    text = _SOURCE_TIME.sub('"time":TIME', text)
    return _SOCKET.sub("SOCKET", text)


def normal_json(text: str) -> Json:
    """This will read JSON and do the same inside it. Raises ValueError when it is none."""
    return _normal(json.loads(text))


def _normal(value: Json) -> Json:
    if isinstance(value, dict):
        return _instant(value) or {key: _normal_field(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [_normal(item) for item in value]
    return normal_text(value) if isinstance(value, str) else value


def _normal_field(key: str, value: Json) -> Json:
    """Name what only its field gives away: the beginning of an old API key, a client's number."""
    shapes = {"prefix": _PREFIX, "id": _CLIENT}
    drawn = key in shapes and shapes[key].fullmatch(str(value))
    return "DRAWN" if drawn else _normal(value)


def _instant(value: dict[str, Json]) -> str | None:
    """Name an instant of dialect A: never, a far one exactly, any other just a time."""
    if not value or not set(value) <= {"seconds", "nanos"}:
        return None
    seconds = value.get("seconds", 0)
    if seconds == _ZERO_S:
        return "NEVER"
    return f"AT {seconds}" if seconds > _FAR_S else "TIME"


def key_order(value: Json) -> Json:
    """This will be the shape of a value with the order of its keys, which `==` does not see."""
    if isinstance(value, dict):
        return [(key, key_order(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [key_order(item) for item in value]
    return type(value).__name__


def kind_of_error(stderr: str) -> str:
    """This will sort what stands on stderr into a few kinds, whatever the release calls them."""
    for kind, pattern in _KINDS:
        if re.search(pattern, stderr):
            return kind
    return "none" if not stderr.strip() else "other"


_KINDS = (
    ("timeout", r"context deadline exceeded"),
    ("config", r"oading config file"),
    ("usage", r"unknown (shorthand )?flag|unknown command|required flag|invalid argument"),
    ("usage", r"flag needs an argument|missing parameters"),
    ("not_found", r"not found|no longer exists|404"),
    ("taken", r"UNIQUE constraint|not unique|already exists"),
    ("ambiguous", r"multiple users|expected exactly one user"),
    ("not_empty", r"user not empty"),
    ("bad_value", r"DNS (segment|label)|hostname |username |at least 2 characters"),
    ("bad_value", r"duration string|parsing time|tag must start|either tagged or owned"),
    ("question", r"\[y/n\]"),
    ("log", r" DBG "),
)
