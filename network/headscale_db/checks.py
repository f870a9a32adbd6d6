"""System checks of the foreign databases: `manage.py check --database ALIAS` runs them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Warning  # noqa: A004 -- Django's name of it
from django.utils.translation import gettext as _

from network.headscale_db.failures import WindowUnavailableError
from network.headscale_db.opening import opened
from network.headscale_db.roles import may_write
from network.headscale_db.router import is_foreign


def check_roles(databases: Sequence[str] | None = None, **_options: Any) -> list[CheckMessage]:
    """Warn of each foreign database in which our role may write (W001), or that we cannot ask."""
    found = (_message(alias) for alias in databases or () if is_foreign(alias))
    return [message for message in found if message is not None]


def _message(alias: str) -> CheckMessage | None:
    try:
        with opened(alias) as connection:
            writes = may_write(connection)
    except WindowUnavailableError as error:
        return Warning(f"{alias}: {error.sentence}", id="headscale_db.W002")
    if not writes:
        return None
    return Warning(
        _("%(alias)s에 쓸 수 있는 권한으로 접속합니다.") % {"alias": alias},
        hint=_("SELECT만 허용한 역할을 쓰고, public 스키마의 CREATE 권한을 거두세요."),
        id="headscale_db.W001",
    )
