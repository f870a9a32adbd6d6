"""Korean times as people say them. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

_JUST_NOW_S = 3
_MINUTE_S = 60
_HOUR_S = 3600
_RELATIVE_HOURS = 12


def age_text(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Say how long ago a time is: 방금, 8초 전, 3분 전, 5시간 전, 어제 19:06, then the date.

    Both times are aware; days are those of `zone`. A time ahead of `now` counts as just now.
    """
    seconds = int((now - moment).total_seconds())
    if seconds < _JUST_NOW_S:
        return _("방금")
    if seconds < _MINUTE_S:
        return _("%(count)d초 전") % {"count": seconds}
    if seconds < _HOUR_S:
        return _("%(count)d분 전") % {"count": seconds // _MINUTE_S}
    if seconds < _RELATIVE_HOURS * _HOUR_S:
        return _("%(count)d시간 전") % {"count": seconds // _HOUR_S}
    return day_text(moment, now, zone)


def day_text(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Say when a time was or will be: 오늘 09:02, 어제 19:06, 내일 08:30, else the date."""
    local, today = moment.astimezone(zone), now.astimezone(zone).date()
    clock = f"{local:%H:%M}"
    days = (local.date() - today).days
    if days == 0:
        return _("오늘 %(clock)s") % {"clock": clock}
    if days == -1:
        return _("어제 %(clock)s") % {"clock": clock}
    if days == 1:
        return _("내일 %(clock)s") % {"clock": clock}
    return f"{local:%Y-%m-%d}"


def until_text(moment: datetime, now: datetime, zone: ZoneInfo) -> str:
    """Say when a login ends: 2일 뒤 within a month, else the date; past times as `age_text`."""
    if moment <= now:
        return age_text(moment, now, zone)
    days = (moment - now) // timedelta(days=1)
    if 0 < days <= 30:  # noqa: PLR2004  # a month, in the reader's sense
        return _("%(count)d일 뒤") % {"count": days}
    return day_text(moment, now, zone)
