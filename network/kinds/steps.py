"""The steps that every kind of command has, and what may come of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from django.utils.translation import gettext as _

from network.headscale.calls import is_over
from network.headscale.client import HeadscaleClient
from network.models import HeadscaleCommand


class TargetChangedError(RuntimeError):
    """What the command was meant for is not there any more; nothing was sent."""

    def __init__(self, sentence: str, code: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.code, self.details = sentence, code, dict(details or {})


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a finished change left: plain JSON for everybody, and perhaps a secret for the asker."""

    result: Mapping[str, Any] = field(default_factory=dict)
    secret: str = field(default="", repr=False)


class Found(Enum):
    """What a complete read says about a change whose outcome was not known."""

    HAPPENED = "happened"
    ABSENT = "absent"
    LOST = "lost"  # It happened, but its secret is gone; what it made was taken back.
    UNTRACEABLE = "untraceable"  # The engine shows no trace of such a change, made or not.


@dataclass(frozen=True, slots=True)
class Kind:
    """The four steps of a kind. `look` runs before the call and may refuse; `settle` only reads,
    except that it takes back a key whose secret was lost."""

    repeatable: bool
    look: Callable[[HeadscaleClient, HeadscaleCommand], dict[str, Any]]
    call: Callable[[HeadscaleClient, HeadscaleCommand], Outcome]
    settle: Callable[[HeadscaleClient, HeadscaleCommand, datetime], Found]
    record: Callable[[HeadscaleCommand, datetime], None]


def pharmacy_number(command: HeadscaleCommand) -> int:
    """Return whom a command is for; raises TargetChangedError when the pharmacy is gone."""
    if command.pharmacy_id is None:
        raise TargetChangedError(_("이 약국은 그사이에 삭제되었습니다."), "pharmacy_gone")
    return command.pharmacy_id


def record_nothing(_command: HeadscaleCommand, _at: datetime) -> None:
    """Leave no row of ours: the next synchronisation brings what the engine has made of it."""


def was_ended(ends: datetime | None, command: HeadscaleCommand, at: datetime) -> bool:
    """Say whether an end has come, or was brought forward to now by a clock that is ahead of ours.

    What would have ended by itself in a moment was not ended by the command.
    """
    if ends is None or ends <= at:
        return ends is not None
    before = command.before.get("expires_at", "")
    was_later = before is None or bool(before and ends < datetime.fromisoformat(before))
    return was_later and is_over(ends, at)
