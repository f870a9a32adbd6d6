"""Prepares the process before pytest-django reads the settings (a conftest would be too late).

``FARMQ_TEST_DATABASE`` says on which database: ``sqlite`` (default) or ``postgresql``.
``FARMQ_TEST_SELECT=database`` keeps only the tests that use a database, and for which it matters
which one that is.
"""

import os

import pytest

from tests import environment
from tests.services import DATABASES_OF_REDIS, Postgres, Valkey

DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server", "client"}
REAL_HEADSCALE = any(name.startswith("FARMQ_TEST_HEADSCALE") for name in os.environ)
KIND = os.environ.get("FARMQ_TEST_DATABASE") or "sqlite"


def _start_services() -> None:
    if KIND not in {"sqlite", "postgresql"}:
        raise pytest.UsageError("FARMQ_TEST_DATABASE is sqlite or postgresql")
    # Workers of xdist inherit what their controller has started.
    if "FARMQ_TEST_REDIS_URL" not in os.environ:
        os.environ["FARMQ_TEST_REDIS_URL"] = Valkey().start()
    if KIND == "postgresql" and "FARMQ_TEST_DATABASE_URL" not in os.environ:
        os.environ["FARMQ_TEST_DATABASE_URL"] = Postgres().start()


def _number_of_worker() -> int:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    return (int(worker.removeprefix("gw")) + 1) % DATABASES_OF_REDIS if worker else 0


_start_services()
environment.replace(
    database_url=os.environ.get("FARMQ_TEST_DATABASE_URL", "") if KIND == "postgresql" else "",
    redis_url=f"{os.environ['FARMQ_TEST_REDIS_URL']}?db={_number_of_worker()}",
)


def pytest_report_header() -> list[str]:
    """This will say on which database the tests run, and which tests cannot run here."""
    lines = [f"database: {KIND}"]
    if not REAL_HEADSCALE:
        lines.append("real_headscale: not run, FARMQ_TEST_HEADSCALE names no program")
    return lines


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """This will keep what was asked for, and skip loudly what lacks a part of the machine."""
    wanted = {item: _is_wanted(item) for item in items}
    config.hook.pytest_deselected(items=[item for item, kept in wanted.items() if not kept])
    items[:] = [item for item, kept in wanted.items() if kept]
    # With CI=true nothing is skipped: the test runs and fails for what it lacks.
    if os.environ.get("CI") == "true" or environment.chromium():
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="missing part: chromium"))


def _is_wanted(item: pytest.Item) -> bool:
    if item.get_closest_marker("real_headscale") and not REAL_HEADSCALE:
        return False
    return os.environ.get("FARMQ_TEST_SELECT") != "database" or _uses_database(item)


def _uses_database(item: pytest.Item) -> bool:
    elsewhere = ("any_database", "browser", "processes", "real_headscale")
    if any(item.get_closest_marker(name) for name in elsewhere):
        return False
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & DATABASE_FIXTURES)
