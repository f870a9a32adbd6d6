"""What every test of the house may rely on."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache, caches
from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations
from django.utils import translation
from redis.exceptions import RedisError

from pharmacies.access.models import AuditEvent
from tests import environment


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Each test begins with an empty cache, so that no order of tests matters."""
    try:
        cache.clear()
    except RedisError as error:
        pytest.fail(f"the cache of the tests does not answer: {error}")


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer is worked out anew: tests look twice within a moment."""
    monkeypatch.setattr(settings, "FARMQ_STATS_KEPT_S", 0)
    caches["moments"].clear()


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """Each test begins in the language of the project: a request leaves its own in the thread."""
    translation.deactivate()


@pytest.fixture(scope="session", autouse=True)
def _static_files_when_asked_for() -> None:
    """Each client of a test is a server of its own; none reads every static file beforehand."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def _empty_tables_stay_empty() -> Iterator[None]:
    """Emptying the tables after a test leaves out Django's own permissions, which nobody reads."""

    def forget(*_arguments: Any, **_options: Any) -> None:
        ContentType.objects.clear_cache()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flush, "emit_post_migrate_signal", forget)
        patch.setattr(DatabaseOperations, "sql_flush", _delete_all)
        yield


def _delete_all(_self: Any, _style: Any, tables: list[str], **_options: Any) -> list[str]:
    """Return what empties the tables of PostgreSQL.

    Deleting the few rows of a test is quicker than truncating every table; but from the record of
    deeds nothing can be deleted.
    """
    record = AuditEvent._meta.db_table
    verbs = {record: "TRUNCATE"}
    return [f'{verbs.get(table, "DELETE FROM")} "{table}"' for table in tables]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The machine's own Chromium, quiet towards the outside."""
    quiet = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    found = environment.chromium() or "/nonexistent/chromium"
    return browser_type_launch_args | {"executable_path": found, "args": quiet}
