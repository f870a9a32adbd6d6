"""Keeps every write and every migration away from Headscale's own database.

One foreign table in that file stops Headscale 0.27 and later from starting. The connection itself
is read-only as well; this router is the first of two walls.
"""

from __future__ import annotations

from typing import Any

from django.db import models

APP_LABEL = "headscale_db"
ALIAS_PREFIX = "headscale"


class ReadOnlyDatabaseError(RuntimeError):
    """Somebody tried to write to Headscale's own database."""


class HeadscaleDatabaseRouter:
    """Sends reads of the foreign models to the alias, refuses writes, allows no migration."""

    def db_for_read(self, model: type[models.Model], **_hints: Any) -> str | None:
        return ALIAS_PREFIX if model._meta.app_label == APP_LABEL else None

    def db_for_write(self, model: type[models.Model], **_hints: Any) -> str | None:
        if model._meta.app_label == APP_LABEL:
            raise ReadOnlyDatabaseError("Headscale's database is only read; changes go by its CLI.")
        return None

    def allow_relation(self, one: models.Model, other: models.Model, **_hints: Any) -> bool | None:
        labels = {one._meta.app_label, other._meta.app_label}
        return None if APP_LABEL not in labels else labels == {APP_LABEL}

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool | None:
        if db.startswith(ALIAS_PREFIX) or app_label == APP_LABEL:
            return False
        return None
