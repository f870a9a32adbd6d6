"""Runs one measurement in a process of its own, because settings are read once a process."""

from __future__ import annotations

import contextlib
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests import environment, services

DATABASES = ("sqlite", "postgresql")


def figures_of(measure: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what a measurement returns; what it prints goes to the standard error."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "w") as answer:
            with contextlib.redirect_stdout(sys.stderr):
                found = measure()
            answer.write(json.dumps(found))
            status = 0
        os._exit(status)
    os.close(writing)
    with os.fdopen(reading) as answer:
        text = answer.read()
    _pid, ended = os.waitpid(child, 0)
    if ended or not text:
        raise SystemExit("a measurement ended without figures")
    return dict(json.loads(text))


@contextlib.contextmanager
def fresh_database(kind: str) -> Any:
    """Give the address of an empty SQLite or PostgreSQL, and take it away again."""
    if kind == "postgresql":
        server = services.Postgres()
        try:
            yield server.start()
        finally:
            server.stop()
        return
    with tempfile.TemporaryDirectory(prefix="farmq-bench-") as folder:
        yield f"sqlite:///{Path(folder) / 'bench.sqlite3'}"


def prepare(database_url: str, **more: str) -> None:
    """Make this process's environment that of a bench, and its database ready."""
    environment.replace(database_url=database_url)
    os.environ.update(more)
    if "HEADSCALE_SERVERS_FILE" in more:
        del os.environ["HEADSCALE_COMMAND"]
    import django  # noqa: PLC0415  # the settings are read at this moment

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Return the median and the 95th percentile of some seconds, in milliseconds."""
    ordered = sorted(seconds)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return {
        "median_ms": round(1000 * statistics.median(ordered), 2),
        "p95_ms": round(1000 * p95, 2),
    }
