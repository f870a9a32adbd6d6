"""The settings with shorter limits for tasks: a killed worker is noticed within seconds."""

from farmq.settings import *  # noqa: F403 -- all of them but two

CELERY_TASK_SOFT_TIME_LIMIT = 7
CELERY_TASK_TIME_LIMIT = 7.5
