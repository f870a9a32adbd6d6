"""A database that several threads can really use at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connections

T = TypeVar("T")


@pytest.fixture
def shared_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """PostgreSQL as it is; SQLite as a file instead of memory, which has one connection only."""
    kept: Any = connections["default"]
    if kept.vendor != "sqlite":
        yield
        return
    named = kept.settings_dict["NAME"]
    path = tmp_path / "shared.sqlite3"
    with kept.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    kept.settings_dict["NAME"] = str(path)
    del connections["default"]
    yield
    connections["default"].close()
    kept.settings_dict["NAME"] = named
    connections["default"] = kept


def at_once(number: int, act: Callable[[int], T]) -> list[T]:
    """Run something in so many threads, each with a database connection of its own."""

    def run(place: int) -> T:
        try:
            return act(place)
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))
