"""How a machine was: at any past minute, and day by day."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.db.models import Q

from network.models import MachineProfile, MachineState, SyncGap
from network.states import MachineStatus

Span = tuple[datetime, datetime]
Thing = TypeVar("Thing")


@dataclass(frozen=True, slots=True)
class Day:
    """One day of a machine: seconds online, down (offline or expired) and not known.

    What is left of the day was before the machine was first seen, or is still to come.
    """

    day: date
    online_s: float = 0.0
    down_s: float = 0.0
    unknown_s: float = 0.0

    @property
    def known_s(self) -> float:
        return self.online_s + self.down_s

    @property
    def share(self) -> float | None:
        """Return the online share of what is known, 0 to 1; None when nothing is known."""
        return self.online_s / self.known_s if self.known_s else None


def state_at(*, machine: MachineProfile, at: datetime) -> str | None:
    """Return the machine's state at a past moment (an aware time), as MachineStatus.

    UNKNOWN when nobody was watching then; None before it was first seen or after it was gone.
    """
    rows = MachineState.objects.filter(machine=machine, started_at__lte=at)
    found = rows.filter(Q(ended_at=None) | Q(ended_at__gt=at)).order_by("-started_at").first()
    if found is None:
        return None
    if _is_unwatched(machine, at):
        return MachineStatus.UNKNOWN.value
    return str(found.state)


def _is_unwatched(machine: MachineProfile, at: datetime) -> bool:
    """Say whether a moment lies in a gap, or after the last confirmation there is."""
    confirmed_at = machine.server.confirmed_at
    if confirmed_at is None or at > confirmed_at:
        return True
    gaps = SyncGap.objects.filter(server_id=machine.server_id)
    return gaps.filter(started_at__lt=at, ended_at__gt=at).exists()


def days_of(*, machine: MachineProfile, until: datetime, zone: ZoneInfo, count: int) -> list[Day]:
    """Return the last so many days of a machine, oldest first, in two statements.

    Days are those of `zone`; the last one holds `until`, an aware time that is taken for now.
    """
    last = until.astimezone(zone).date()
    bounds = [_midnight(last - timedelta(days=n), zone) for n in range(count - 1, -2, -1)]
    begin, end = bounds[0], min(until, bounds[-1])
    states = MachineState.objects.filter(machine=machine, started_at__lt=end)
    states = states.filter(Q(ended_at=None) | Q(ended_at__gt=begin))
    rows = list(states.values_list("state", "started_at", "ended_at"))
    gaps = _gaps(machine, begin, end)
    # A machine may have flickered all year: each day looks at what touches it, not at everything.
    states_of = _by_day(bounds, rows, [(row[1], row[2] or end) for row in rows])
    gaps_of = _by_day(bounds, gaps, gaps)
    days = []
    for place, (start, stop) in enumerate(itertools.pairwise(bounds)):
        span = (start, min(stop, end))
        day = start.astimezone(zone).date()
        days.append(_day(day, span, states_of[place], gaps_of[place]))
    return days


def _by_day(bounds: list[datetime], things: list[Thing], spans: list[Span]) -> list[list[Thing]]:
    """Sort things by the days that their spans touch, keeping their order."""
    days: list[list[Thing]] = [[] for _ in bounds[1:]]
    for thing, (begin, end) in zip(things, spans, strict=True):
        first = max(bisect_right(bounds, begin) - 1, 0)
        for day in days[first : bisect_left(bounds, end)]:
            day.append(thing)
    return days


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _gaps(machine: MachineProfile, begin: datetime, end: datetime) -> list[Span]:
    """Return when nobody was watching, the time since the last confirmation included."""
    rows = SyncGap.objects.filter(
        server_id=machine.server_id, started_at__lt=end, ended_at__gt=begin
    )
    gaps = list(rows.order_by("started_at").values_list("started_at", "ended_at"))
    confirmed_at = machine.server.confirmed_at
    if confirmed_at is None or confirmed_at < end:
        gaps.append((confirmed_at or begin, end))
    return gaps


def _day(
    day: date,
    span: Span,
    rows: Iterable[tuple[str, datetime, datetime | None]],
    gaps: list[Span],
) -> Day:
    sums = {"online": 0.0, "down": 0.0, "unknown": 0.0}
    for state, started_at, ended_at in rows:
        part = _overlap(span, (started_at, ended_at or span[1]))
        if part is None:
            continue
        blind = sum(_seconds(hole) for hole in _overlaps(part, gaps))
        seen = _seconds(part) - blind
        sums["unknown"] += blind
        word = "online" if state == MachineStatus.ONLINE else "down"
        sums["unknown" if state == MachineStatus.UNKNOWN else word] += seen
    return Day(day, sums["online"], sums["down"], sums["unknown"])


def _overlaps(part: Span, gaps: list[Span]) -> Iterator[Span]:
    """Yield what the gaps cover of a span, each moment once although gaps may touch or overlap."""
    reached = part[0]
    for gap in gaps:
        hole = _overlap((reached, part[1]), gap)
        if hole is not None:
            yield hole
            reached = hole[1]


def _overlap(one: Span, other: Span) -> Span | None:
    start, stop = max(one[0], other[0]), min(one[1], other[1])
    return (start, stop) if start < stop else None


def _seconds(span: Span) -> float:
    return (span[1] - span[0]).total_seconds()
