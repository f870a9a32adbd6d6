"""System checks over the settings: values that are right alone and wrong together."""

from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

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


def check_databases(**_options: Any) -> list[CheckMessage]:
    """This will hold: our own tables are made in no database of an engine."""
    message = _("DATABASE_URL이 엔진의 데이터베이스(%(alias)s)와 같습니다.")
    return [
        Error(message % {"alias": alias}, id="farmq.E003")
        for alias in same_as_ours(settings.DATABASES)
    ]


def same_as_ours(databases: dict[str, dict[str, Any]]) -> list[str]:
    """This will name the foreign aliases that lead to the place of our own database."""
    own = _place(databases["default"])
    return [alias for alias in databases if alias != "default" and _place(databases[alias]) == own]


def _place(database: dict[str, Any]) -> tuple[str, ...]:
    name = str(database["NAME"])
    if "sqlite" in database["ENGINE"]:
        path = urlsplit(name).path if name.startswith("file:") else quote(name)
        return (str(Path(unquote(path)).resolve()),)
    options = database.get("OPTIONS", {})
    host = database.get("HOST") or options.get("host", "")
    return (str(host), str(database.get("PORT") or "5432"), name)


def _longest_work() -> float:
    return float(settings.FARMQ_CHANGE_TIMEOUT + settings.FARMQ_READ_TIMEOUT)
