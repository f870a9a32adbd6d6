"""Instants as whole nanoseconds since 1970, the way the engine keeps them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

SECOND = 1_000_000_000
DAY_S = 86_400
KST_OFFSET_S = 9 * 3600
KST = timezone(timedelta(seconds=KST_OFFSET_S))
# Go's zero time, which the engine shows for "never".
ZERO = -62_135_596_800 * SECOND


def wall_clock() -> int:
    """This will read the machine's clock."""
    return time.time_ns()


def from_datetime(at: datetime) -> int:
    """This will turn an aware datetime into nanoseconds."""
    delta = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * DAY_S + delta.seconds) * SECOND + delta.microseconds * 1000


def from_text(text: str) -> int:
    """This will read an ISO 8601 instant with offset. Raises ValueError for anything else."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"the instant {text!r} has no offset")
    return from_datetime(at)


def to_text(at_ns: int) -> str:
    """This will write an instant as RFC 3339 in UTC, without needless zeros, as Go does."""
    seconds, nanos = divmod(at_ns, SECOND)
    base = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    fraction = f".{nanos:09d}".rstrip("0").rstrip(".")
    return f"{base.year:04d}{base:-%m-%dT%H:%M:%S}{fraction}Z"


def local_day(at_ns: int) -> tuple[int, int]:
    """This will say the Korean day (days since 1970-01-01) and the second within it."""
    return divmod(at_ns // SECOND + KST_OFFSET_S, DAY_S)


def start_of_local_day(day: int) -> int:
    """This will say the instant at which a Korean day begins."""
    return (day * DAY_S - KST_OFFSET_S) * SECOND


def weekday(day: int) -> int:
    """This will say the weekday of a Korean day, Monday being 0."""
    return (day + 3) % 7
