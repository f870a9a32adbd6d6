"""The composition root as an installed app."""

from django.apps import AppConfig

from farmq import celery as celery  # noqa: PLC0414 -- shared tasks bind to the app made there


class FarmqConfig(AppConfig):
    """The app that plugs the others together."""

    name = "farmq"
