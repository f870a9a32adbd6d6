"""System checks over the settings: values that are right alone and wrong together."""

from itertools import pairwise
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.utils.translation import gettext as _

from farmq import webserver


def check_times(**_options: Any) -> list[CheckMessage]:
    """This will hold: change + read-back < soft < hard < lease < visibility time-out."""
    chain = [
        ("FARMQ_CHANGE_TIMEOUT + FARMQ_READ_TIMEOUT", _longest_work()),
        ("CELERY_TASK_SOFT_TIME_LIMIT", settings.CELERY_TASK_SOFT_TIME_LIMIT),
        ("CELERY_TASK_TIME_LIMIT", settings.CELERY_TASK_TIME_LIMIT),
        ("FARMQ_LEASE_S", settings.FARMQ_LEASE_S),
        ("FARMQ_VISIBILITY_S", settings.FARMQ_VISIBILITY_S),
    ]
    return [
        Error(
            _("%(longer)s(%(high)g초)은(는) %(shorter)s(%(low)g초)보다 커야 합니다.")
            % {"longer": longer, "high": high, "shorter": shorter, "low": low},
            id="farmq.E001",
        )
        for (shorter, low), (longer, high) in pairwise(chain)
        if high <= low
    ]


def check_waiting(**_options: Any) -> list[CheckMessage]:
    """This will hold: a waiting request ends before the web server gives it up."""
    wait_s = settings.FARMQ_WAIT_S
    if wait_s < webserver.timeout:
        return []
    limits = {"wait": wait_s, "limit": webserver.timeout}
    message = _("FARMQ_WAIT_S(%(wait)g초)는 웹 서버의 제한 %(limit)g초보다 작아야 합니다.")
    return [Error(message % limits, id="farmq.E002")]


def _longest_work() -> float:
    return float(settings.FARMQ_CHANGE_TIMEOUT + settings.FARMQ_READ_TIMEOUT)
