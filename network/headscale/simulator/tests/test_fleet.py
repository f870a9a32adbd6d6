from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from network.headscale.simulator import clock, fleet
from network.headscale.simulator.clock import KST, from_datetime
from network.headscale.simulator.config import create, set_now
from network.headscale.simulator.control import truth
from network.headscale.simulator.pharmacies import LIMIT, business_number, pharmacies
from network.headscale.simulator.presence import online, opening_hours
from network.headscale.simulator.tests.conversation import NOON, ids, read

SEEDS = (1, 2, 3, 17, 4711)
MONDAY = datetime(2026, 11, 2, tzinfo=KST)
WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)


def connected(seed: int, at: datetime, count: int = 100) -> int:
    at_ns = from_datetime(at)
    return sum(online(seed, machine, at_ns) for machine in fleet.machines(seed, count, at_ns))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("week", [0, 9, 31, 60, 104])
def test_weekdays_are_busy_at_eleven(seed: int, week: int) -> None:
    days = [MONDAY + timedelta(weeks=week, days=day, hours=11) for day in range(5)]

    assert all(connected(seed, at) > 350 for at in days)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("week", [0, 9, 31, 60, 104])
def test_nights_are_quiet_but_never_dead(seed: int, week: int) -> None:
    nights = [MONDAY + timedelta(weeks=week, days=day, hours=3) for day in range(7)]

    assert all(130 < connected(seed, at) < 220 for at in nights)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**31), days=st.integers(0, 2000))
def test_the_promise_holds_for_any_seed_and_weekday(seed: int, days: int) -> None:
    day = MONDAY + timedelta(days=days)

    assert 130 < connected(seed, day.replace(hour=3)) < 220
    assert day.weekday() > 4 or connected(seed, day.replace(hour=11)) > 350


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hundred_pharmacies_have_about_450_machines(seed: int) -> None:
    days = [MONDAY + timedelta(days=30 * month) for month in range(24)]

    sizes = [len(fleet.machines(seed, 100, from_datetime(day))) for day in days]

    assert min(sizes) >= 440
    assert max(sizes) <= 460


def test_the_fleet_depends_on_nothing_but_its_inputs() -> None:
    at_ns = from_datetime(MONDAY)
    first = fleet.machines(5, 20, at_ns)
    fleet.slots.cache_clear()
    fleet._machine.cache_clear()

    assert fleet.machines(5, 20, at_ns) == first
    assert fleet.machines(6, 20, at_ns) != first


def test_ids_names_keys_and_addresses_are_unique_and_lasting() -> None:
    at_ns = from_datetime(MONDAY)
    machines = fleet.machines(1, 100, at_ns)
    later = {m.node.id: m.node for m in fleet.machines(1, 100, at_ns + 3600 * clock.SECOND)}

    for field in ("id", "given_name", "machine_key", "node_key", "address"):
        assert len({getattr(machine.node, field) for machine in machines}) == len(machines)
    assert all(later[m.node.id].machine_key == m.node.machine_key for m in machines)


def test_machines_leave_and_join_over_the_year() -> None:
    at_ns = from_datetime(MONDAY)
    year_ns = 365 * clock.DAY_S * clock.SECOND
    now = {machine.node.id for machine in fleet.machines(1, 100, at_ns)}
    then = {machine.node.id for machine in fleet.machines(1, 100, at_ns + year_ns)}

    assert 100 < len(then - now) < 300
    assert 100 < len(now - then) < 300


def test_some_keys_have_expired_and_their_machines_are_away() -> None:
    found = []
    for month in range(12):
        at_ns = from_datetime(MONDAY + timedelta(days=30 * month, hours=11))
        found += [
            online(1, machine, at_ns)
            for machine in fleet.machines(1, 100, at_ns)
            if clock.ZERO < (machine.node.expires_ns or 0) <= at_ns
        ]

    assert found
    assert not any(found)


@pytest.mark.parametrize("hour", range(0, 24, 3))
def test_the_list_tells_the_truth_at_any_hour(tmp_path: Path, hour: int) -> None:
    at = MONDAY + timedelta(days=1, hours=hour)
    config = create(tmp_path, pharmacies=12, now=at.isoformat())

    listed = {node["id"]: node.get("online", False) for node in read(config, "nodes", "list")}

    assert listed == truth(config, at)


def test_the_clock_is_read_again_at_each_call(tmp_path: Path) -> None:
    config = create(tmp_path, pharmacies=30, now=NOON)
    by_day = sum("online" in node for node in read(config, "nodes", "list"))
    set_now(config, "2026-11-18T03:00:00+09:00")

    by_night = sum("online" in node for node in read(config, "nodes", "list"))

    assert by_night < by_day / 2


def test_most_pharmacies_rest_on_sunday_and_close_early_on_saturday() -> None:
    monday = clock.local_day(from_datetime(MONDAY))[0]
    sunday = [opening_hours(1, number, monday + 6) for number in range(1, 101)]
    saturday = [opening_hours(1, number, monday + 5) for number in range(1, 101)]

    assert 15 < sum(hours is not None for hours in sunday) < 55
    assert all(hours and hours[1] <= 17 * 3600 for hours in saturday)


def test_pharmacies_are_invented_and_valid() -> None:
    found = pharmacies(1, 500)

    assert len({pharmacy.name for pharmacy in found}) == 500
    assert len({pharmacy.business_number for pharmacy in found}) == 500
    assert all(pharmacy.name.endswith("약국") for pharmacy in found)
    assert all(pharmacy.manager_name[1] == "*" for pharmacy in found)
    assert found[41].headscale_user_name == "p0042"


@pytest.mark.parametrize("number", [1, 7, 42, 999, 9600])
def test_business_numbers_have_a_right_check_digit(number: int) -> None:
    digits = [int(digit) for digit in business_number(number)]

    total = sum(digit * weight for digit, weight in zip(digits[:9], WEIGHTS, strict=True))

    assert digits[9] == (10 - (total + digits[8] * 5 // 10) % 10) % 10


def test_a_fleet_that_is_too_large_is_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        pharmacies(1, LIMIT + 1)


def test_without_a_demo_there_is_nothing(tmp_path: Path) -> None:
    assert ids(create(tmp_path)) == []
