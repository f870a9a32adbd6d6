"""The sums and the problems of the dashboard, and what they cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from network import queries
from network.fleet.dashboard import Picture, current_picture
from network.fleet.queries import MOST_PROBLEMS, PHARMACY_STATUSES
from network.looks import POLICY_LOOKS
from network.models import (
    HeadscaleCommand,
    HeadscaleServer,
    MachineProfile,
    MachineTransition,
    PolicyVersion,
    ServerReading,
)
from network.states import CommandKind, CommandState
from network.tests.situations import NOW, isolate, make_pharmacy, make_server
from pharmacies.models import Pharmacy
from pharmacies.tenancy import TenantContext, platform_context, tenant_context

SECOND = timedelta(seconds=1)
_HOUR = timedelta(hours=1)


@pytest.fixture
def server(db: None) -> Iterator[HeadscaleServer]:
    with platform_context():
        made = make_server(confirmed_at=NOW)
        isolate(made)
        yield made


def put_machine(server: HeadscaleServer, pharmacy: Pharmacy | None, **fields: Any) -> None:
    """Store a machine; a word such as "online" says how it is."""
    word = fields.pop("word", "online")
    number = MachineProfile.objects.count() + 1
    values: dict[str, Any] = {
        "node_id": number,
        "machine_key": f"mkey:{number}",
        "name": f"pc-{number}",
        "online": word == "online",
        "state": word.upper(),
        "expires_at": NOW if word == "expired" else None,
        "gone_at": NOW if word == "gone" else None,
        "state_since_at": NOW - _HOUR,
        "first_seen_at": NOW,
    }
    values["state"] = "OFFLINE" if word == "gone" else values["state"]
    company = pharmacy.company_id if pharmacy else None
    values |= {"server": server, "pharmacy": pharmacy, "company_code": company}
    MachineProfile.objects.create(**(values | fields))


def put_command(server: HeadscaleServer, state: CommandState, label: str) -> None:
    HeadscaleCommand.objects.create(
        server=server,
        kind=CommandKind.RENAME_NODE,
        state=state,
        target_label=label,
        requested_at=NOW,
        due_at=NOW,
    )


def picture(at: datetime = NOW) -> Picture:
    return current_picture(at=at)


def titles(at: datetime = NOW) -> list[str]:
    return [problem.title for problem in picture(at).problems.shown]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        ([], "inactive"),
        (["gone"], "inactive"),
        (["online"], "ok"),
        (["online", "online", "gone"], "ok"),
        (["online", "offline"], "partial"),
        (["online", "expired"], "partial"),
        (["offline"], "down"),
        (["offline", "expired"], "down"),
    ],
)
def test_a_pharmacy_is_as_its_machines_are(
    server: HeadscaleServer, words: list[str], status: str
) -> None:
    pharmacy = make_pharmacy(1)
    for word in words:
        put_machine(server, pharmacy, word=word)

    pharmacies = picture().stats.pharmacies

    assert pharmacies == dict.fromkeys(PHARMACY_STATUSES, 0) | {status: 1}


@pytest.mark.parametrize("words", [["online"], ["offline"], ["online", "expired"]])
def test_an_unconfirmed_pharmacy_is_unknown_whatever_was_known(
    server: HeadscaleServer, words: list[str]
) -> None:
    for word in words:
        put_machine(server, make_pharmacy(1) if word == words[0] else None, word=word)

    stats = picture(NOW + 31 * SECOND).stats

    assert stats.pharmacies["unknown"] == 1
    assert stats.machines["UNKNOWN"] == len(words)
    assert stats.stale


def test_each_machine_and_pharmacy_is_counted_once(server: HeadscaleServer) -> None:
    dark = make_server("dark", confirmed_at=NOW - _HOUR)
    words = ("online", "offline", "expired", "gone")
    for number, word in enumerate(words * 3):
        put_machine(server, make_pharmacy(number), word=word)
    put_machine(dark, make_pharmacy(20), word="expired")
    put_machine(server, None, word="expired", online=True)

    stats = picture().stats

    assert stats.machines == {"UNKNOWN": 1, "EXPIRED": 4, "ONLINE": 3, "OFFLINE": 3}
    assert stats.total_machines == 11
    assert stats.total_pharmacies == 13
    assert (stats.pharmacies["inactive"], stats.pharmacies["unknown"]) == (3, 1)


@pytest.mark.parametrize(
    ("confirmations", "as_of", "stale"),
    [
        ([], None, True),
        ([None], None, True),
        ([NOW], NOW, False),
        ([NOW, NOW - 20 * SECOND], NOW - 20 * SECOND, False),
        ([NOW, NOW - 31 * SECOND], NOW - 31 * SECOND, True),
        ([NOW, None], None, True),
    ],
)
def test_the_picture_is_as_old_as_its_oldest_part(
    db: None, confirmations: list[datetime | None], as_of: datetime | None, stale: bool
) -> None:
    for number, confirmed_at in enumerate(confirmations):
        make_server(f"s{number}", confirmed_at=confirmed_at)

    with platform_context():
        stats = picture().stats

    assert (stats.as_of, stats.stale) == (as_of, stale)


def test_problems_stand_by_their_weight(server: HeadscaleServer) -> None:
    make_server("silent", confirmed_at=NOW - _HOUR)
    put_command(server, CommandState.NEEDS_HUMAN, "needs")
    put_command(server, CommandState.UNKNOWN, "settling")
    half, third, older = (make_pharmacy(number) for number in (1, 2, 3))
    for word in ("online", "offline"):
        put_machine(server, half, word=word)
        put_machine(server, older, word=word, state_since_at=NOW - 2 * _HOUR)
    for word in ("online", "offline", "offline"):
        put_machine(server, third, word=word)

    assert titles() == [
        "silent",
        "이름 바꾸기 needs",
        "이름 바꾸기 settling",
        "약국 2",
        "약국 3",
        "약국 1",
    ]


def test_a_held_list_is_a_problem_although_it_is_young(server: HeadscaleServer) -> None:
    HeadscaleServer.objects.update(held_since_at=NOW - SECOND)

    (problem,) = picture().problems.shown

    assert (problem.title, problem.word) == ("default", "확인 보류")
    assert problem.since_at == NOW - SECOND


def test_what_is_well_closed_or_dark_as_a_whole_is_no_problem(server: HeadscaleServer) -> None:
    put_machine(server, make_pharmacy(1), word="online")
    put_machine(server, make_pharmacy(2), word="offline")
    make_pharmacy(3)
    for state in (CommandState.QUEUED, CommandState.SUCCEEDED, CommandState.FAILED):
        put_command(server, state, state)

    assert picture().problems.total == 0


def test_six_problems_are_shown_and_all_are_counted(server: HeadscaleServer) -> None:
    for number in range(9):
        put_command(server, CommandState.NEEDS_HUMAN, str(number))
    for word in ("online", "offline"):
        put_machine(server, make_pharmacy(1) if word == "online" else None, word=word)
    partial = make_pharmacy(2)
    for word in ("online", "offline"):
        put_machine(server, partial, word=word)

    problems = picture().problems

    assert MOST_PROBLEMS == len(problems.shown) == 6
    assert (problems.total, problems.hidden) == (10, 4)
    assert [problem.title[-1] for problem in problems.shown] == list("012345")


def test_a_company_sees_only_its_own(server: HeadscaleServer) -> None:
    alpha, beta = make_pharmacy(1, "ALPHA"), make_pharmacy(2, "BETA")
    for pharmacy in (alpha, beta):
        for word in ("online", "offline"):
            put_machine(server, pharmacy, word=word)
    put_machine(server, None)
    put_command(server, CommandState.NEEDS_HUMAN, "of the platform")

    with tenant_context(TenantContext(frozenset({"BETA"}))):
        found = picture()

    assert (found.stats.total_pharmacies, found.stats.total_machines) == (1, 2)
    assert [problem.title for problem in found.problems.shown] == ["약국 2"]


def test_the_picture_costs_seven_statements_whatever_the_size(
    server: HeadscaleServer, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(40):
        pharmacy = make_pharmacy(number)
        for word in ("online", "offline"):
            put_machine(server, pharmacy, word=word)

    with django_assert_num_queries(7):
        found = picture()

    assert found.problems.total == 40


@pytest.mark.parametrize("standing", ["UNREAD", "NONE", "FOREIGN", "UNPROVEN"])
def test_what_does_not_provably_isolate_is_told_to_the_platform(
    server: HeadscaleServer, standing: str
) -> None:
    alpha = make_pharmacy(1, "ALPHA")
    for word in ("online", "offline"):
        put_machine(server, alpha, word=word)
    reading = ServerReading.objects.filter(server=server)
    if standing == "UNREAD":
        reading.delete()
    elif standing == "UNPROVEN":
        PolicyVersion.objects.update(proof={"proven": False})
    else:
        reading.update(value={"sha256": "" if standing == "NONE" else "0" * 64})

    told = picture().problems.shown
    with tenant_context(TenantContext(frozenset({"ALPHA"}))):
        theirs = picture().problems.shown

    look = POLICY_LOOKS[standing]
    assert (told[0].state, told[0].word) == (look.state, look.word)
    assert [one.title for one in told] == [server.name, "약국 1"]
    assert [one.title for one in theirs] == ["약국 1"]


def test_the_newest_changes_are_read_without_reading_what_ever_happened(
    server: HeadscaleServer,
) -> None:
    put_machine(server, make_pharmacy(1))
    machine = MachineProfile.objects.get()
    rows = [("", "ONLINE"), *[("ONLINE", "OFFLINE"), ("OFFLINE", "ONLINE")] * 30]
    for number, (before, after) in enumerate(rows):
        MachineTransition.objects.create(
            machine=machine, from_state=before, to_state=after, at=NOW, generation=number
        )

    newest = queries.recent_transitions(most=3)

    assert [transition.generation for transition in newest] == [60, 59, 58]
    assert "LIMIT 3)" in str(newest.query)
