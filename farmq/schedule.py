"""The scheduler of beat: the schedule is code, and a file tells that it still turns."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from celery.beat import Scheduler
from celery.schedules import schedule
from django.conf import settings


class TurningScheduler(Scheduler):
    """Celery's scheduler in memory; what repeats at an interval is due at the start, too."""

    def setup_schedule(self) -> None:
        """This will take the schedule of the settings."""
        super().setup_schedule()
        for entry in self.schedule.values():
            last: datetime = entry.last_run_at or entry.default_now()
            if isinstance(entry.schedule, schedule):
                entry.last_run_at = last - timedelta(seconds=entry.schedule.seconds)

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """This will send what is due, after leaving a sign of life."""
        if settings.FARMQ_BEAT_FILE:
            Path(settings.FARMQ_BEAT_FILE).touch()
        return float(super().tick(*args, **kwargs))
