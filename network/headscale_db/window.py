"""What the engine's own database tells: opened for one short read, and closed after it.

The command line is the truth about everything it knows. This window only adds what it does not say:
operating system, client version, endpoints, home relay, and which policies there once were. A page
never looks through it; the synchronisation does, and lives with a WindowUnavailableError.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Cast, Substr
from django.utils.dateparse import parse_datetime

from network.headscale_db import catalogue, details
from network.headscale_db.catalogue import Columns, SchemaFacts
from network.headscale_db.details import MachineDetail
from network.headscale_db.failures import WindowUnavailableError
from network.headscale_db.models import EngineMigration, EngineNode, EnginePolicy
from network.headscale_db.opening import opened

__all__ = [
    "MachineDetail",
    "PolicyRow",
    "SchemaFacts",
    "Window",
    "WindowUnavailableError",
    "for_server",
]

_MIGRATIONS = 1000
_DETAILS = ("machine_key", "endpoints", "host_info")


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A policy that was set once. `created_at` is aware and in UTC, None where it is not known."""

    id: int
    created_at: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Window:
    """The engine's database behind an alias. A read raises WindowUnavailableError or nothing."""

    alias: str

    def machine_details(self) -> dict[int, MachineDetail]:
        """Return what is known of each machine, by the engine's number of it."""
        with self._read() as columns:
            catalogue.require_columns(columns, EngineNode, ("id", "machine_key"))
            known = [name for name in _DETAILS if name in columns["nodes"]]
            # One character more than is believed, so that what is too long shows.
            values = [Substr(name, 1, details.JSON_LIMIT + 1) for name in known]
            nodes = EngineNode.objects.using(self.alias).order_by("id")
            rows = list(nodes.values_list("id", *values))
        return {
            row[0]: details.machine_detail(
                **dict.fromkeys(_DETAILS) | dict(zip(known, row[1:], strict=True))
            )
            for row in rows
        }

    def policy_history(self, most: int) -> list[PolicyRow]:
        """Return the newest policies, the current one first."""
        with self._read() as columns:
            catalogue.require_columns(columns, EnginePolicy, ("id", "data", "created_at"))
            made = Cast("created_at", models.TextField())
            rows = list(
                EnginePolicy.objects.using(self.alias)
                .order_by("-id")
                .values_list("id", made, "data")[: max(most, 0)]
            )
        return [
            PolicyRow(number, moment(made_at), text if isinstance(text, str) else "")
            for number, made_at, text in rows
        ]

    def schema(self) -> SchemaFacts:
        """Return which release the tables mean, and what is missing in them."""
        with self._read() as columns:
            catalogue.require_columns(columns, EngineMigration, ("id",))
            ids = EngineMigration.objects.using(self.alias).values_list("id", flat=True)
            return catalogue.facts(columns, set(ids[:_MIGRATIONS]))

    @contextmanager
    def _read(self) -> Iterator[Columns]:
        with opened(self.alias) as connection:
            columns = catalogue.read_columns(connection)
            catalogue.require_shape(columns)
            yield columns


def for_server(slug: str) -> Window | None:
    """Return the window of a server; None when the settings give no database for it."""
    for entry in settings.HEADSCALE_SERVERS:
        if entry["slug"] == slug and entry.get("database_alias"):
            return Window(entry["database_alias"])
    return None


def moment(value: object) -> datetime | None:
    """Return a time of the engine in UTC; Go's zero time, and what is no time, is None.

    SQLite holds text with whatever offset the engine's value carried, up to nanoseconds.
    """
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
        if found is None or found.year == 1:
            return None
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
