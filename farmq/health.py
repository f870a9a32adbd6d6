"""For machines that watch us: alive, and ready with every part named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from network.models import HeadscaleServer

_BROKER_TIMEOUT_S = 0.5
_OLD_INTERVALS = 6


class NotReadyError(RuntimeError):
    """A part is not ready; the text says why, without addresses or secrets."""


@never_cache
@require_safe
def healthz(_request: HttpRequest) -> JsonResponse:
    """Answer that this process is alive; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when every part is ready, else 503 with the parts that are not."""
    checks = {name: _result(check) for name, check in CHECKS.items()}
    ready = all(result == "ok" for result in checks.values())
    body = {"status": "ok" if ready else "not ready", "checks": checks}
    return JsonResponse(body, status=200 if ready else 503)


def _result(check: Callable[[], None]) -> str:
    try:
        check()
    except NotReadyError as error:
        return str(error)
    except DatabaseError:
        return "database error"
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    client = redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=_BROKER_TIMEOUT_S,
        socket_connect_timeout=_BROKER_TIMEOUT_S,
    )
    try:
        client.ping()
    except redis.RedisError as error:
        raise NotReadyError("broker does not answer") from error
    finally:
        client.close()


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReadyError("migrations are waiting")


def _sync() -> None:
    """Ready means that every server was confirmed lately; a new one has nothing to show yet."""
    old = timezone.now() - timedelta(seconds=_OLD_INTERVALS * settings.FARMQ_SYNC_INTERVAL)
    late = [
        server.slug
        for server in HeadscaleServer.objects.all()
        if server.confirmed_at is None or server.confirmed_at < old
    ]
    if late:
        raise NotReadyError(f"no recent synchronisation: {', '.join(late)}")


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "broker": _broker,
    "migrations": _migrations,
    "sync": _sync,
}
