"""The slower cycle: what changes rarely is read once a minute, each topic with its own age."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Value
from django.db.models.functions import Coalesce

from network.copies import store_api_keys, store_details, store_preauth_keys, store_users
from network.headscale.client import HeadscaleClient, HeadscaleError
from network.headscale.features import lacks, release_of, series_of
from network.headscale_db.window import Window, WindowUnavailableError
from network.models import HeadscaleServer, ServerReading
from network.policy_history import notice, reading_of
from network.states import ReadingTopic
from pharmacies.tenancy import platform_context, tenant_transaction

logger = logging.getLogger(__name__)

_RELEASE_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Topic:
    """One question of the cycle: `ask` only asks, `keep` stores what came in one transaction."""

    name: ReadingTopic
    ask: Callable[[HeadscaleClient], Any]
    keep: Callable[[int, Any, datetime], dict[str, Any]]
    feature: str = ""


def read_slowly(
    *, server_id: int, client: HeadscaleClient, at: datetime, topics: tuple[str, ...] = ()
) -> dict[str, bool]:
    """Read all topics of a server, or the named ones; returns topic → whether it was read.

    Each stands for itself: one that fails grows older and changes nothing, the others go on. What
    the release does not know is not asked.
    """
    series = HeadscaleServer.objects.values_list("series", flat=True).get(pk=server_id)
    read: dict[str, bool] = {}
    for topic in TOPICS:
        if topics and topic.name not in topics:
            continue
        if topic.feature and lacks(release_of(series), topic.feature):
            continue
        read[topic.name] = _read(topic, server_id, client, at)
    return read


def _read(topic: Topic, server_id: int, client: HeadscaleClient, at: datetime) -> bool:
    try:
        answer = topic.ask(client)
    except HeadscaleError as error:
        reason = getattr(error, "reason", "other")
        code = error.code if reason == "other" else reason
        _note_failure(topic.name, server_id, at, code, error.engine)
        return False
    with platform_context(), tenant_transaction():
        _note_success(topic.name, server_id, topic.keep(server_id, answer, at), at)
    return True


def read_window(*, server_id: int, window: Window | None, at: datetime) -> bool:
    """Add what only the engine's own database tells of machines; False when it is not to be had.

    The command line goes on without it, and the server's page says so.
    """
    if window is None:
        return False
    try:
        found = window.machine_details()
    except WindowUnavailableError as error:
        _note_failure(ReadingTopic.WINDOW, server_id, at, error.reason)
        return False
    with platform_context(), tenant_transaction():
        value = store_details(server_id, found, at)
        _note_success(ReadingTopic.WINDOW, server_id, value, at)
    return True


def _note_success(topic: ReadingTopic, server_id: int, value: dict[str, Any], at: datetime) -> None:
    ServerReading.objects.update_or_create(
        server_id=server_id,
        topic=topic,
        defaults={
            "value": value,
            "read_at": at,
            "failing_since_at": None,
            "error_code": "",
            "engine": "",
        },
    )


def _note_failure(
    topic: ReadingTopic, server_id: int, at: datetime, error_code: str, engine: str = ""
) -> None:
    logger.warning(
        "slow cycle failed",
        extra={"server": server_id, "topic": topic, "error_code": error_code},
    )
    with platform_context(), tenant_transaction():
        reading, _made = ServerReading.objects.get_or_create(server_id=server_id, topic=topic)
        ServerReading.objects.filter(pk=reading.pk).update(
            failing_since_at=Coalesce(F("failing_since_at"), Value(at)),
            error_code=error_code,
            engine=engine,
        )


def _ask_release(client: HeadscaleClient) -> tuple[str, str]:
    version = client.version()
    return version.text, series_of(client.release())


def _keep_release(server_id: int, answer: tuple[str, str], _at: datetime) -> dict[str, Any]:
    text, series = answer
    HeadscaleServer.objects.filter(pk=server_id).update(
        release=text[:_RELEASE_LIMIT], series=series
    )
    return {"text": text[:_RELEASE_LIMIT], "series": series}


def _keep_health(_server_id: int, answer: Any, _at: datetime) -> dict[str, Any]:
    return {"connected": answer.database_connected}


def _keep_policy(server_id: int, answer: Any, at: datetime) -> dict[str, Any]:
    """Keep the fingerprint alone: a policy that is not ours stays unread until it is adopted."""
    text = None if answer is None else answer.text
    value = reading_of(text)
    notice(server_id=server_id, sha256=str(value["sha256"]), at=at)
    return value


TOPICS = (
    Topic(ReadingTopic.RELEASE, _ask_release, _keep_release),
    Topic(ReadingTopic.HEALTH, lambda client: client.health(), _keep_health, "health"),
    Topic(ReadingTopic.USERS, lambda client: client.users(), store_users),
    Topic(ReadingTopic.PREAUTH_KEYS, lambda client: client.preauth_keys(), store_preauth_keys),
    Topic(ReadingTopic.API_KEYS, lambda client: client.api_keys(), store_api_keys),
    Topic(ReadingTopic.POLICY, lambda client: client.policy(), _keep_policy),
)
