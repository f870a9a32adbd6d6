"""Finds the engine behind a server row: the command line comes from the settings, by slug."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from network.headscale.client import HeadscaleClient
from network.headscale.process import Runner, run
from network.models import HeadscaleServer


class UnknownServerError(LookupError):
    """A server row has no entry in the settings any more, so nothing can be asked of it."""

    code = "server_unknown"

    @property
    def sentence(self) -> str:
        return _("설정에 이 서버가 없어 아무것도 보내지 않았습니다.")


def client_for(server: HeadscaleServer, runner: Runner = run) -> HeadscaleClient:
    """Return the client of a server, calling through `runner`.

    Raises UnknownServerError when the settings lack the server.
    """
    entry = _entry(server.slug)
    remote = (entry["address"], entry["api_key"]) if entry["address"] else None
    return HeadscaleClient(
        entry["command"],
        runner,
        entry.get("release") or server.series or None,
        remote=remote,
        change_timeout_s=settings.FARMQ_CHANGE_TIMEOUT,
        read_timeout_s=settings.FARMQ_READ_TIMEOUT,
        clock=now,
    )


def reachable_servers() -> list[int]:
    """Return the numbers of the servers that the settings still have; nobody asks the others."""
    slugs = [entry["slug"] for entry in settings.HEADSCALE_SERVERS]
    return list(
        HeadscaleServer.objects.filter(slug__in=slugs).order_by("pk").values_list("pk", flat=True)
    )


def _entry(slug: str) -> dict[str, Any]:
    for entry in settings.HEADSCALE_SERVERS:
        if entry["slug"] == slug:
            return dict(entry)
    raise UnknownServerError(slug)


def now() -> datetime:
    return timezone.now()
