"""How log lines look: one shape for web, worker, beat and commands, as text or as JSON."""

from typing import Any

import structlog

CHATTY = ("celery.app.trace", "celery.worker.strategy", "gunicorn.access")


def configuration(shape: str) -> dict[str, Any]:
    """This will give the dictionary for ``logging.config``; shape is ``text`` or ``json``."""
    renderer: Any = structlog.dev.ConsoleRenderer(
        colors=False,
        # Never the formatter that prints local variables: they may hold secrets.
        exception_formatter=structlog.dev.plain_traceback,
    )
    if shape == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    formatter = {
        "()": "structlog.stdlib.ProcessorFormatter",
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        "foreign_pre_chain": _steps(shape),
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": "INFO"},
        "loggers": {
            "django.server": {"handlers": [], "propagate": True},
            # One line for each finished command and sync is ours; theirs say it again.
            **{name: {"level": "WARNING"} for name in CHATTY},
        },
    }


def _steps(shape: str) -> list[Any]:
    steps: list[Any] = [
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=False),
    ]
    # The text renderer writes tracebacks by itself.
    return [*steps, structlog.processors.format_exc_info] if shape == "json" else steps
