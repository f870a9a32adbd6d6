"""Durations: those of keys (30m, 24h, 90d, 1h30m) and those of Go (5s, 1m30s, 250ms)."""

from __future__ import annotations

import re

from network.headscale.simulator.clock import SECOND

_KEY_UNITS = {"y": 365 * 86_400, "w": 7 * 86_400, "d": 86_400, "h": 3600, "m": 60, "s": 1}
_KEY_LIFE = re.compile(
    r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?"
    r"(?:(\d+)ms)?"
)
_GO_PART = re.compile(r"(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h)")
_GO_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def key_life(text: str) -> int:
    """This will read how long a key lives, in nanoseconds. Raises ValueError with Go's words."""
    match = _KEY_LIFE.fullmatch(text)
    if text == "0":
        return 0
    if not text or match is None or not any(match.groups()):
        problem = "empty duration string" if not text else f'not a valid duration string: "{text}"'
        raise ValueError(problem)
    *whole, milliseconds = (int(group or 0) for group in match.groups())
    seconds = sum(n * unit for n, unit in zip(whole, _KEY_UNITS.values(), strict=True))
    return seconds * SECOND + milliseconds * SECOND // 1000


def go_seconds(text: str, default: float) -> float:
    """This will read a duration of the environment, in seconds; the default when it is no good."""
    parts = _GO_PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        return default
    return float(sum(float(number) * _GO_UNITS[unit] for number, unit in parts))
