"""The composition root as an installed app."""

from django.apps import AppConfig
from django.core.checks import register

from farmq import celery as celery  # noqa: PLC0414 -- shared tasks bind to the app made there
from farmq import checks


class FarmqConfig(AppConfig):
    """The app that plugs the others together."""

    name = "farmq"

    def ready(self) -> None:
        """This will register the checks."""
        register(checks.check_times)
        register(checks.check_waiting)
        register(checks.check_databases)
