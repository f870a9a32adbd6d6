"""Column types and expressions of `screen_layouts_v1` that Django spells differently."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.functions import Now
from django.db.models.sql.compiler import SQLCompiler


class SerialField(models.AutoField):  # type: ignore[type-arg]  # generic in the stubs only
    """A 32-bit number from a sequence: `SERIAL` on PostgreSQL, not an identity column."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str | None:
        return "serial" if connection.vendor == "postgresql" else super().db_type(connection)

    def db_type_suffix(self, connection: BaseDatabaseWrapper) -> str | None:
        if connection.vendor == "postgresql":
            return None
        return super().db_type_suffix(connection)


class DefaultNow(Now):
    """The time of the transaction: `NOW()` on PostgreSQL, where Django's own is the statement's."""

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any
    ) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, template="NOW()", **extra_context)


class JsonKind(models.Func):
    """The kind of a stored JSON value, such as `object`."""

    function = "JSONB_TYPEOF"
    arity = 1
    output_field = models.CharField()

    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any
    ) -> tuple[str, Any]:
        return self.as_sql(compiler, connection, function="JSON_TYPE", **extra_context)
