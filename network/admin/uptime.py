"""The strip of days on a machine's page: a shape, a colour and a text for each day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from network.history import Day, days_of
from network.models import MachineProfile

DAYS = 90
_ALMOST_ALL = 0.999
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Tile:
    """One day: `state` is a token of the style sheet, `text` what it means in words."""

    state: str
    text: str


def strip_of(machine: MachineProfile, *, at: datetime) -> list[Tile]:
    """Return the last 90 days of a machine, oldest first, in days of the project's time zone."""
    zone = ZoneInfo(settings.TIME_ZONE)
    days = days_of(machine=machine, until=at, zone=zone, count=DAYS)
    return [Tile(_state(day), _text(day)) for day in days]


def _state(day: Day) -> str:
    if day.share is None:
        return "unknown" if day.unknown_s else "none"
    if day.share >= _ALMOST_ALL:
        return "ok"
    return "part" if day.online_s else "closed"


def _text(day: Day) -> str:
    name = date_format(day.day, "MONTH_DAY_FORMAT")
    if day.share is None:
        told = _("확인하지 못했습니다") if day.unknown_s else _("기록이 없습니다")
        return f"{name}: {told}"
    told = _("온라인 %(share)d%%") % {"share": int(day.share * 100)}
    blind = round(day.unknown_s / _MINUTE)
    if blind:
        told += _(", 확인하지 못한 시간 %(minutes)d분") % {"minutes": blind}
    return f"{name}: {told}"
