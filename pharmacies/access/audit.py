"""Writes the record of what was done, in the transaction of the deed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pharmacies.access.actor import Actor
from pharmacies.access.models import AuditEvent

_LABEL_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Target:
    """What something was done to: kind, number and the name people know it by."""

    type: str
    id: str
    label: str


def record(
    *,
    actor: Actor,
    action: str,
    target: Target,
    at: datetime,
    company_code: str | None = None,
    details: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Add one audit event; `details` holds plain JSON values and never a secret."""
    return AuditEvent.objects.create(
        at=at,
        actor_label=actor.label[:_LABEL_LIMIT],
        user_id=actor.user.pk if actor.user else None,
        company_code=company_code,
        action=action,
        target_type=target.type,
        target_id=target.id,
        target_label=target.label[:_LABEL_LIMIT],
        details=dict(details or {}),
    )
