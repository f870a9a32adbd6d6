"""How a door treats a repeated request: the answer of the first one, without doing it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime

from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder

from pharmacies.access import idempotency
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.models import IdempotencyRecord

HEADER = "Idempotency-Key"


def attempt_of(request: Request, *, at: datetime) -> idempotency.Attempt | None:
    """Return the attempt that the request's key stands for; None when it has no key.

    Raises IdempotencyError.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    return idempotency.begin(
        actor=actor_of(request),
        at=at,
        route=f"{request.method} {request.get_full_path()}",
        key=key,
        body=request.data,
    )


def once(request: Request, *, at: datetime, do: Callable[[], Answer]) -> Answer:
    """Return what `do` answers, or what it answered to the same request before.

    A request that fails leaves its key free. Raises IdempotencyError, and whatever `do` raises.
    """
    attempt = attempt_of(request, at=at)
    if attempt is None:
        return do()
    if not attempt.first:
        return _again(attempt.record)
    try:
        given = do()
    except BaseException:
        idempotency.forget(attempt)
        raise
    kept = {"data": json.loads(json.dumps(given.data, cls=JSONEncoder)), "message": given.message}
    idempotency.remember_answer(attempt, given.status_code, kept)
    return given


def _again(record: IdempotencyRecord) -> Answer:
    if record.status is None or record.answer is None:
        raise idempotency.in_progress()
    return answer(record.answer["data"], message=record.answer["message"], status=record.status)
