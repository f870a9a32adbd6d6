"""Filters of the building blocks: ages and exact times, in Korean and in the local zone."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone

from pharmacies.korean import age_text, until_text

register = template.Library()


def _zone() -> ZoneInfo:
    return ZoneInfo(timezone.get_current_timezone_name())


@register.filter
def age(moment: datetime | None) -> str:
    """Say how long ago a time is."""
    return age_text(moment, timezone.now(), _zone()) if moment else ""


@register.filter
def until(moment: datetime | None) -> str:
    """Say when a time will come."""
    return until_text(moment, timezone.now(), _zone()) if moment else ""


@register.filter
def exact(moment: datetime | None) -> str:
    """Show the exact local time with its zone, for hover and focus."""
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M:%S %Z}" if moment else ""
