"""When a machine of the demo fleet is connected: a pure function, asked anew at each call.

A machine's day is a list of sessions, (first second, last second) counted from midnight in Korea;
a session of a late-night pharmacy may reach into the next day.
"""

from __future__ import annotations

from functools import lru_cache

from network.headscale.simulator import clock
from network.headscale.simulator.draws import between, chance, draw, pick
from network.headscale.simulator.fleet import ALWAYS_ON, Machine

HOUR = 3600
MINUTE = 60
Session = tuple[int, int]

# Closing times of pharmacies on weekdays: hour, and how many of a hundred close then.
_CLOSING = ((18.5, 24), (20, 25), (21, 21), (22, 24), (25, 6))
_CLOSING_HOURS = tuple(hour for hour, share in _CLOSING for _ in range(share))
_OPENING_HOURS = (8.0, 8.5, 8.5, 9.0, 9.0, 9.0, 9.5, 10.0)
SATURDAY = 5
SUNDAY = 6

_OPENS = 31
_CLOSES = 32
_SATURDAY = 33
_SUNDAY = 34
_SHUT = 35
_SWITCHED_ON = 36
_SWITCHED_OFF = 37
_LEFT_ON = 38
_DEAD_DAY = 39
_DEAD_HOUR = 40
_DARK = 41


@lru_cache(maxsize=8192)
def opening_hours(seed: int, pharmacy: int, day: int) -> Session | None:
    """This will be when a pharmacy opens and closes on a Korean day, in seconds; None if shut."""
    weekday = clock.weekday(day)
    opens = int(pick(_OPENING_HOURS, seed, _OPENS, pharmacy) * HOUR)
    closes = int(pick(_CLOSING_HOURS, seed, _CLOSES, pharmacy) * HOUR)
    if weekday == SATURDAY:
        return opens, between(13, 17, seed, _SATURDAY, pharmacy) * HOUR
    if weekday == SUNDAY:
        return (10 * HOUR, 17 * HOUR) if chance(0.34, seed, _SUNDAY, pharmacy) else None
    if chance(0.01, seed, _SHUT, pharmacy, day):
        return None
    return opens, closes


def online(seed: int, machine: Machine, at_ns: int, *, ignoring_expiry: bool = False) -> bool:
    """This will say whether a machine is connected at an instant."""
    expires = None if ignoring_expiry else machine.node.expires_ns
    if expires is not None and clock.ZERO < expires <= at_ns:
        return False
    day, second = clock.local_day(at_ns)
    today = any(start <= second < end for start, end in sessions(seed, machine, day))
    late = second + clock.DAY_S
    return today or any(start <= late < end for start, end in sessions(seed, machine, day - 1))


def last_seen(seed: int, machine: Machine, at_ns: int) -> int:
    """This will be the instant of a machine's last coming or going, within the last two days."""
    day, _ = clock.local_day(at_ns)
    latest = machine.node.created_ns
    for on_day in (day - 1, day):
        midnight = clock.start_of_local_day(on_day)
        for session in sessions(seed, machine, on_day):
            for second in session:
                instant = midnight + second * clock.SECOND
                latest = max(latest, instant) if instant <= at_ns else latest
    return latest


@lru_cache(maxsize=16384)
def sessions(seed: int, machine: Machine, day: int) -> tuple[Session, ...]:
    """This will be a machine's sessions that begin on a Korean day, in order."""
    number = machine.node.id
    if chance(0.006, seed, _DEAD_DAY, number, day):
        return ()
    found = _planned(seed, machine, day)
    hole = _hole(seed, machine, day)
    return found if hole is None else tuple(_without(found, hole))


def _planned(seed: int, machine: Machine, day: int) -> tuple[Session, ...]:
    if machine.slot.role in ALWAYS_ON:
        return ((0, clock.DAY_S),)
    hours = opening_hours(seed, machine.slot.pharmacy, day)
    if hours is None:
        return ()
    number = machine.node.id
    start = hours[0] + between(-15 * MINUTE, 25 * MINUTE, seed, _SWITCHED_ON, number, day)
    end = hours[1] + between(2 * MINUTE, 30 * MINUTE, seed, _SWITCHED_OFF, number, day)
    if chance(0.05, seed, _LEFT_ON, number, day):
        end = clock.DAY_S + 8 * HOUR
    return ((start, end),)


def _hole(seed: int, machine: Machine, day: int) -> Session | None:
    """Say when the machine, or its whole pharmacy, drops out on a day."""
    pharmacy = machine.slot.pharmacy
    if chance(0.012, seed, _DARK, pharmacy, day):
        start = draw(seed, _DARK, pharmacy, day, 1) % clock.DAY_S
        return start, start + between(10 * MINUTE, 3 * HOUR, seed, _DARK, pharmacy, day, 2)
    number = machine.node.id
    if chance(0.05, seed, _DEAD_HOUR, number, day):
        start = draw(seed, _DEAD_HOUR, number, day, 1) % clock.DAY_S
        return start, start + between(3 * MINUTE, 90 * MINUTE, seed, _DEAD_HOUR, number, day, 2)
    return None


def _without(found: tuple[Session, ...], hole: Session) -> list[Session]:
    left: list[Session] = []
    for start, end in found:
        pieces = ((start, min(end, hole[0])), (max(start, hole[1]), end))
        left.extend(piece for piece in pieces if piece[0] < piece[1])
    return left
