"""One started system for all scenarios; each begins with everything well."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.commands.databases import fresh_database
from tests.commands.stack import Stack


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("commands"), database_url=fresh_database("commands"))
    yield stack
    stack.stop()


@pytest.fixture
def stack(started: Stack) -> Iterator[Stack]:
    started.heal()
    yield started
    started.heal()
