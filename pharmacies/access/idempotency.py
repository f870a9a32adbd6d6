"""Answers a repeated request with what became of the first one, instead of doing it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from pharmacies.access.actor import Actor
from pharmacies.access.models import IdempotencyRecord

KEY_LIMIT = 200
LIFE = timedelta(hours=24)


class IdempotencyError(RuntimeError):
    """The key was used for something else, or its first request is still being worked on."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request under a key; `first` says whether it has to be done, or was done before."""

    record: IdempotencyRecord
    first: bool


def begin(*, actor: Actor, at: datetime, route: str, key: str, body: object) -> Attempt:
    """Claim the key for this request, or find the request that has it.

    Raises IdempotencyError (`idempotency_key_invalid`, `idempotency_key_reused`,
    `idempotency_in_progress`).
    """
    if not key or not key.isascii() or not key.isprintable() or len(key) > KEY_LIMIT:
        sentence = _("Idempotency-Key는 영문과 숫자로 200자까지입니다.")
        raise IdempotencyError("idempotency_key_invalid", sentence)
    digest = _digest(json.dumps([route, body], sort_keys=True, default=str))
    scope = _scope(actor, route, key)
    IdempotencyRecord.objects.filter(**scope, created_at__lt=at - LIFE).delete()
    try:
        with transaction.atomic():
            record = IdempotencyRecord.objects.create(**scope, body_digest=digest, created_at=at)
    except IntegrityError:
        return Attempt(_earlier(scope, digest), first=False)
    return Attempt(record, first=True)


def _scope(actor: Actor, route: str, key: str) -> dict[str, str]:
    """Return what makes a key one's own: person, tenant and route."""
    return {
        "actor_label": actor.label,
        "company_code": _tenant(actor),
        "route": route[:300],
        "key": key,
    }


def _tenant(actor: Actor) -> str:
    """Return a short word for the companies of the actor; empty for the platform."""
    codes = actor.company_codes
    return "" if codes is None else _digest(",".join(sorted(codes)))[:20]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _earlier(scope: Mapping[str, str], digest: str) -> IdempotencyRecord:
    record = IdempotencyRecord.objects.filter(**scope).first()
    if record is None:  # Its request has failed in this very moment.
        raise in_progress()
    if record.body_digest != digest:
        sentence = _("같은 Idempotency-Key로 다른 내용을 보냈습니다. 새 키를 쓰십시오.")
        raise IdempotencyError("idempotency_key_reused", sentence)
    return record


def remember_command(attempt: Attempt, command_id: int) -> None:
    """Keep which command the request made."""
    IdempotencyRecord.objects.filter(pk=attempt.record.pk).update(command_id=command_id)


def remember_answer(attempt: Attempt, status: int, answer: Mapping[str, Any]) -> None:
    """Keep the answer of a request that made no command."""
    IdempotencyRecord.objects.filter(pk=attempt.record.pk).update(status=status, answer=answer)


def forget(attempt: Attempt) -> None:
    """Free the key again: nothing was done under it."""
    IdempotencyRecord.objects.filter(pk=attempt.record.pk).delete()


def in_progress() -> IdempotencyError:
    sentence = _("같은 요청을 처리하고 있습니다. 잠시 뒤에 다시 확인해 주십시오.")
    return IdempotencyError("idempotency_in_progress", sentence)
