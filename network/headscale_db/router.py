"""Keeps every write and every migration away from Headscale's own database.

One foreign table in that file stops Headscale 0.27 and later from starting. The connection itself
is read-only as well, and holds without this router, the first of the walls.
"""

from __future__ import annotations

from typing import Any

from django.db import models

APP_LABEL = "headscale_db"
ALIAS_PREFIX = "headscale"


class ReadOnlyDatabaseError(RuntimeError):
    """Somebody tried to write to Headscale's own database."""


def is_foreign(alias: object) -> bool:
    """Tell whether an alias of the settings is an engine's database."""
    return isinstance(alias, str) and alias.startswith(ALIAS_PREFIX)


class HeadscaleDatabaseRouter:
    """Sends reads of the foreign models to the alias, refuses writes, allows no migration.

    Several engines have an alias each, which `using` names; a row that was read from one of them
    is never written back, whatever its model is.
    """

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        if model._meta.app_label != APP_LABEL:
            return None
        came_from = _alias_of(hints.get("instance"))
        return came_from if is_foreign(came_from) else ALIAS_PREFIX

    def db_for_write(self, model: type[models.Model], **hints: Any) -> str | None:
        if model._meta.app_label == APP_LABEL or is_foreign(_alias_of(hints.get("instance"))):
            raise ReadOnlyDatabaseError("Headscale's database is only read; changes go by its CLI.")
        return None

    def allow_relation(self, one: models.Model, other: models.Model, **_hints: Any) -> bool | None:
        labels = {one._meta.app_label, other._meta.app_label}
        return None if APP_LABEL not in labels else labels == {APP_LABEL}

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool | None:
        if is_foreign(db) or app_label == APP_LABEL:
            return False
        return None


def _alias_of(row: models.Model | None) -> str | None:
    return row._state.db if row is not None else None
