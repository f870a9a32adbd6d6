"""What the tests of the network share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from network.models import HeadscaleServer
from network.tests.lanes import Lane, make_lane
from network.tests.situations import Clock, make_server
from pharmacies.tenancy import platform_context


@pytest.fixture
def platform(db: None) -> Iterator[None]:
    """A database seen with the eyes of the platform."""
    with platform_context():
        yield


@pytest.fixture
def server(platform: None) -> HeadscaleServer:
    return make_server()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lane(platform: None, tmp_path: Path) -> Lane:
    return make_lane(tmp_path)
