"""What the role with which we look at a PostgreSQL of an engine would be allowed to do.

A read-only default is a default: a client can switch it off. Only a role without the right to write
is a wall.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

_MAY_WRITE = """
WITH places AS (
  SELECT oid FROM pg_catalog.pg_namespace
  WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
)
SELECT current_setting('is_superuser') = 'on'
  OR has_database_privilege(current_database(), 'CREATE')
  OR EXISTS (SELECT 1 FROM places WHERE has_schema_privilege(oid, 'CREATE'))
  OR EXISTS (
    SELECT 1 FROM pg_catalog.pg_class
    WHERE relkind IN ('r', 'p') AND relnamespace IN (SELECT oid FROM places)
      AND (pg_has_role(relowner, 'USAGE')
        OR has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
        OR has_any_column_privilege(oid, 'INSERT, UPDATE'))
  )
"""


def may_write(connection: BaseDatabaseWrapper) -> bool:
    """Tell whether the role could change a row or make a table; SQLite's connection never can."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(_MAY_WRITE)
        return bool(cursor.fetchone()[0])
