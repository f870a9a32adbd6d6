"""Which of the stored policies is in force, and what it means when the engine has another."""

from __future__ import annotations

import hashlib
from datetime import datetime

from network.models import PolicyVersion, ServerReading
from network.states import ReadingTopic


def fingerprint(text: str) -> str:
    """Return the SHA-256 of a policy text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def in_force(*, server_id: int) -> PolicyVersion | None:
    """Return the version that we believe to be in force on a server."""
    return PolicyVersion.objects.filter(
        server_id=server_id, in_force_at__isnull=False, replaced_at=None
    ).first()


def notice(*, server_id: int, sha256: str, at: datetime) -> None:
    """Take note of what the engine has; a policy that somebody else set ends ours.

    Nothing of a foreign text is stored: a person adopts it first.
    """
    PolicyVersion.objects.filter(
        server_id=server_id, in_force_at__isnull=False, replaced_at=None
    ).exclude(sha256=sha256).update(replaced_at=at)


def take_over(*, version: PolicyVersion, at: datetime) -> None:
    """Put a version in force, in the caller's transaction; the one before it ends.

    The command has just read it in the engine, so the server's reading says so as well.
    """
    PolicyVersion.objects.filter(
        server_id=version.server_id, in_force_at__isnull=False, replaced_at=None
    ).exclude(pk=version.pk).update(replaced_at=at)
    PolicyVersion.objects.filter(pk=version.pk).update(in_force_at=at, replaced_at=None)
    ServerReading.objects.update_or_create(
        server_id=version.server_id,
        topic=ReadingTopic.POLICY,
        defaults={
            "value": reading_of(version.text),
            "read_at": at,
            "failing_since_at": None,
            "error_code": "",
            "engine": "",
        },
    )


def reading_of(text: str | None) -> dict[str, object]:
    """Return what is kept of a policy that an engine told: its fingerprint and its size."""
    sha256 = "" if text is None else fingerprint(text)
    return {"exists": text is not None, "sha256": sha256, "bytes": len((text or "").encode())}
