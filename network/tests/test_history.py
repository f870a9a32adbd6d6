"""The state of a machine at any past minute, and its days; a gap is never taken for downtime."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from network.headscale.errors import UnreachableError
from network.history import days_of, state_at
from network.models import HeadscaleServer, MachineProfile, MachineState, SyncGap
from network.tests.situations import NOW, Clock, machines, told

SEOUL = ZoneInfo("Asia/Seoul")


def seen(server: HeadscaleServer, clock: Clock, *answers: Any) -> MachineProfile:
    told(server, clock, *answers)
    return MachineProfile.objects.select_related("server").get(node_id=1)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_the_state_at_a_past_minute(server: HeadscaleServer, clock: Clock) -> None:
    both, one = machines(2), machines(2, online=0)
    one = (one[0], machines(2)[1])
    machine = seen(server, clock, both, both, one, one, both)

    states = [state_at(machine=machine, at=after(s)) for s in (-1, 0, 15, 20, 35, 40)]

    assert states == [None, "ONLINE", "ONLINE", "OFFLINE", "OFFLINE", "ONLINE"]


def test_a_minute_in_which_nobody_watched_is_not_known(
    server: HeadscaleServer, clock: Clock
) -> None:
    machine = seen(server, clock, machines(2), *(UnreachableError() for _ in range(6)), machines(2))

    assert state_at(machine=machine, at=after(0)) == "ONLINE"
    assert state_at(machine=machine, at=after(30)) == "UNKNOWN"
    assert state_at(machine=machine, at=after(70)) == "ONLINE"
    assert state_at(machine=machine, at=after(71)) == "UNKNOWN"


def test_a_machine_that_is_gone_has_no_state_any_more(
    server: HeadscaleServer, clock: Clock
) -> None:
    machine = seen(server, clock, machines(6), machines(6)[1:], machines(6)[1:])

    assert state_at(machine=machine, at=after(5)) == "ONLINE"
    assert state_at(machine=machine, at=after(15)) is None


def test_days_are_those_of_the_time_zone(server: HeadscaleServer, clock: Clock) -> None:
    machine = seen(server, clock, machines(1))
    HeadscaleServer.objects.update(confirmed_at=NOW + timedelta(days=3))
    machine.refresh_from_db()

    days = days_of(machine=machine, until=NOW + timedelta(days=2), zone=SEOUL, count=5)

    assert [day.day.day for day in days] == [16, 17, 18, 19, 20]
    # First seen at 12:00 in Seoul, and the last day ends at noon.
    assert [day.online_s / 3600 for day in days] == [0, 0, 12, 24, 12]
    assert [day.share for day in days] == [None, None, 1, 1, 1]


def test_a_day_that_nobody_watched_has_no_share(server: HeadscaleServer, clock: Clock) -> None:
    machine = seen(server, clock, machines(1))

    (day,) = days_of(machine=machine, until=NOW + timedelta(hours=2), zone=SEOUL, count=1)

    assert (day.online_s, day.down_s, day.unknown_s) == (0, 0, 7200)
    assert day.share is None


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.lists(st.integers(1, 400), min_size=1, max_size=8, unique=True),
    holes=st.lists(st.tuples(st.integers(0, 400), st.integers(1, 80)), max_size=4),
)
def test_every_second_is_counted_once(
    platform: None, cuts: list[int], holes: list[tuple[int, int]]
) -> None:
    HeadscaleServer.objects.filter(slug="counted").delete()
    server = HeadscaleServer.objects.create(
        slug="counted", name="x", confirmed_at=NOW + timedelta(hours=500)
    )
    machine = MachineProfile.objects.create(
        server=server, node_id=1, machine_key="mkey:1", name="a", state_since_at=NOW,
        first_seen_at=NOW,
    )  # fmt: skip
    begins = [0, *sorted(cuts)]
    for number, hour in enumerate(begins):
        ends = begins[number + 1] if number + 1 < len(begins) else None
        MachineState.objects.create(
            machine=machine,
            state="ONLINE" if number % 2 else "OFFLINE",
            started_at=NOW + timedelta(hours=hour),
            ended_at=None if ends is None else NOW + timedelta(hours=ends),
            generation=number,
        )
    for hour, length in holes:
        start = NOW + timedelta(hours=hour)
        SyncGap.objects.create(
            server=server, started_at=start, ended_at=start + timedelta(hours=length)
        )

    until = NOW + timedelta(hours=450)
    days = days_of(machine=machine, until=until, zone=SEOUL, count=30)

    total = sum(day.online_s + day.down_s + day.unknown_s for day in days)
    assert total == pytest.approx(450 * 3600)
    blind = {h for start, length in holes for h in range(start, min(450, start + length))}
    assert sum(day.unknown_s for day in days) == pytest.approx(len(blind) * 3600)
    MachineProfile.objects.filter(pk=machine.pk).delete()


def test_ninety_days_cost_two_statements(
    server: HeadscaleServer, clock: Clock, django_assert_num_queries: Any
) -> None:
    machine = seen(server, clock, machines(1))

    with django_assert_num_queries(2):
        assert len(days_of(machine=machine, until=NOW, zone=SEOUL, count=90)) == 90
