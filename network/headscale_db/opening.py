"""Opens a foreign database for one short read, and closes it again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.connection import ConnectionDoesNotExist

from network.headscale_db.failures import WindowUnavailableError, reason_of
from network.headscale_db.sqlite.base import DatabaseWrapper as ReadOnlySQLite


@contextmanager
def opened(alias: str) -> Iterator[BaseDatabaseWrapper]:
    """Give the connection of an alias for a read of it.

    Whatever goes wrong, then or within, is raised as WindowUnavailableError. Long reads would hold
    up the engine, which cannot shorten its log meanwhile; so nothing stays open.
    """
    try:
        connection = connections[alias]
        try:
            if isinstance(connection, ReadOnlySQLite):
                connection.require_file()
            yield connection
            if isinstance(connection, ReadOnlySQLite) and not connection.is_still_true():
                raise WindowUnavailableError("locked")
        finally:
            connection.close()
    except ConnectionDoesNotExist:
        raise WindowUnavailableError("absent") from None
    except (Error, OSError, ValueError, OverflowError) as error:
        raise WindowUnavailableError(reason_of(error)) from error
