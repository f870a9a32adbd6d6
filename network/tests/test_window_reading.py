"""What only the engine's own database tells, on our rows: for the right machine, with its age."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import pytest

from network.headscale_db.failures import Reason
from network.headscale_db.window import MachineDetail, Window, WindowUnavailableError
from network.models import HeadscaleServer, MachineProfile, ServerReading
from network.slow_cycle import read_window
from network.tests.situations import NOW, Clock, machines, told

pytestmark = pytest.mark.usefixtures("platform")
DETAIL = MachineDetail(
    machine_key="mkey:1",
    os="windows",
    os_version="10.0.19045",
    client_version="1.94.0",
    endpoints=("203.0.113.7:41641",),
    home_derp=900,
)


REASONS: list[Reason] = ["absent", "locked", "migrating", "unknown_shape", "unreadable"]


class ToldWindow(Window):
    """A window that shows what the test says, or cannot be opened."""

    reason: ClassVar[Reason | None] = None

    def machine_details(self) -> dict[int, MachineDetail]:
        if self.reason is not None:
            raise WindowUnavailableError(self.reason)
        return {1: DETAIL, 2: DETAIL, 9: DETAIL}


def test_details_are_stored_where_number_and_key_fit(server: HeadscaleServer, clock: Clock) -> None:
    told(server, clock, machines(2))

    assert read_window(server_id=server.pk, window=ToldWindow(""), at=NOW)

    first, second = MachineProfile.objects.order_by("node_id")
    assert (first.os, first.os_version, first.client_version) == ("windows", "10.0.19045", "1.94.0")
    assert (first.endpoints, first.home_derp) == (["203.0.113.7:41641"], "900")
    assert first.details_at == NOW
    assert (second.os, second.details_at) == ("", None)


def test_nothing_is_written_again_when_nothing_differs(
    server: HeadscaleServer, clock: Clock
) -> None:
    told(server, clock, machines(1))
    read_window(server_id=server.pk, window=ToldWindow(""), at=NOW)

    read_window(server_id=server.pk, window=ToldWindow(""), at=NOW + timedelta(minutes=1))

    assert MachineProfile.objects.get().details_at == NOW
    assert ServerReading.objects.get(topic="WINDOW").read_at == NOW + timedelta(minutes=1)


@pytest.mark.parametrize("reason", REASONS)
def test_a_window_that_does_not_open_changes_nothing_and_is_told(
    server: HeadscaleServer, clock: Clock, monkeypatch: pytest.MonkeyPatch, reason: Reason
) -> None:
    told(server, clock, machines(1))
    read_window(server_id=server.pk, window=ToldWindow(""), at=NOW)
    monkeypatch.setattr(ToldWindow, "reason", reason)

    answered = read_window(
        server_id=server.pk, window=ToldWindow(""), at=NOW + timedelta(minutes=1)
    )

    reading = ServerReading.objects.get(topic="WINDOW")
    assert not answered
    assert MachineProfile.objects.get().os == "windows"
    assert (reading.read_at, reading.error_code) == (NOW, reason)
    assert reading.failing_since_at == NOW + timedelta(minutes=1)


def test_a_server_without_a_window_is_left_alone(server: HeadscaleServer) -> None:
    assert not read_window(server_id=server.pk, window=None, at=NOW)

    assert not ServerReading.objects.exists()
