"""Why the window shows nothing: one error with five reasons, whatever the database said."""

from __future__ import annotations

import errno
from typing import Literal

from django.db import Error
from django.utils.translation import gettext as _

Reason = Literal["absent", "locked", "migrating", "unknown_shape", "unreadable"]

# PostgreSQL's codes; SQLite tells by words only.
_CODES: dict[str, Reason] = {
    "3D000": "absent",  # no such database
    "55P03": "locked",  # lock not available
    "57014": "locked",  # statement time-out
    "42P01": "migrating",  # no such table
    "42703": "migrating",  # no such column
}
_WORDS: tuple[tuple[str, Reason], ...] = (
    ("database is locked", "locked"),
    ("table is locked", "locked"),
    ("database schema has changed", "migrating"),
    ("no such table", "migrating"),
    ("no such column", "migrating"),
    ("Connection refused", "absent"),
    ("could not translate host name", "absent"),
    ("No such file or directory", "absent"),
    ("Not a directory", "absent"),
)


class WindowUnavailableError(Exception):
    """The engine's database cannot be read now; `reason` says why, `sentence` tells people."""

    code = "window_unavailable"

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason

    @property
    def sentence(self) -> str:
        return {
            "absent": _("엔진의 데이터베이스를 찾을 수 없습니다. 주소와 서버를 확인하세요."),
            "locked": _("엔진이 데이터베이스를 쓰고 있어 지금은 읽지 못했습니다."),
            "migrating": _("엔진이 데이터베이스를 다른 판으로 옮기는 중이라 읽지 못했습니다."),
            "unknown_shape": _("엔진의 데이터베이스가 아는 모양이 아니어서 읽지 않았습니다."),
            "unreadable": _("엔진의 데이터베이스를 읽을 수 없습니다. 파일과 권한을 확인하세요."),
        }[self.reason]


def reason_of(error: Exception) -> Reason:
    """Return why a read failed."""
    if isinstance(error, OSError):
        return "absent" if error.errno in {errno.ENOENT, errno.ENOTDIR} else "unreadable"
    if not isinstance(error, Error):
        return "unreadable"
    code = getattr(error.__cause__, "pgcode", None)
    if code:
        return _CODES.get(code, "unreadable")
    return next((reason for word, reason in _WORDS if word in str(error)), _missing(str(error)))


def _missing(words: str) -> Reason:
    # The server refuses a connection before it can send a code of its own.
    return "absent" if 'database "' in words and "does not exist" in words else "unreadable"
