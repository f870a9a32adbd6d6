"""The judgement of a list, as tables of situations."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import pytest

from network.headscale.types import Node
from network.presence import (
    EXPIRED,
    OFFLINE,
    ONLINE,
    Known,
    Verdict,
    compare,
    guard,
    is_confirmed,
    seen_columns,
    state_of,
)
from network.tests.situations import NOW, machine, machines

SECOND = timedelta(seconds=1)
GRACE_S = 30


def known(nodes: Iterable[Node], at: datetime = NOW) -> dict[int, Known]:
    """Machines as stored after a list was applied; the row is the node id and a thousand."""
    return {
        n.id: Known(1000 + n.id, n.machine_key, n.online, state_of(n, at), seen_columns(n))
        for n in nodes
    }


@pytest.mark.parametrize(
    ("online", "expires_at", "state"),
    [
        (True, None, ONLINE),
        (False, None, OFFLINE),
        (True, NOW + SECOND, ONLINE),
        (False, NOW + SECOND, OFFLINE),
        (True, NOW, EXPIRED),
        (True, NOW - SECOND, EXPIRED),
        (False, NOW - SECOND, EXPIRED),
    ],
)
def test_a_state_is_expired_then_online_then_offline(
    online: bool, expires_at: datetime | None, state: str
) -> None:
    assert state_of(machine(online=online, expires_at=expires_at), NOW) == state


@pytest.mark.parametrize(
    ("confirmed_at", "confirmed"),
    [
        (None, False),
        (NOW, True),
        (NOW + SECOND, True),
        (NOW - 30 * SECOND, True),
        (NOW - 30.001 * SECOND, False),
        (NOW - timedelta(days=1), False),
    ],
)
def test_three_missed_intervals_are_believed_no_longer(
    confirmed_at: datetime | None, confirmed: bool
) -> None:
    assert is_confirmed(confirmed_at, NOW, 10) is confirmed


LATER = [NOW - 29 * SECOND, NOW - 30 * SECOND]
RENAMED_KEYS = tuple(machine(n, machine_key=f"mkey:new{n}") for n in range(1, 51))


@pytest.mark.parametrize(
    ("before", "listed", "held_since_at", "verdict"),
    [
        # Nothing known yet: whatever comes is believed.
        ((), (), None, Verdict.APPLY),
        ((), machines(5), None, Verdict.APPLY),
        ((), machines(5, online=0), None, Verdict.APPLY),
        # Nobody is listed any more.
        (machines(1), (), None, Verdict.HOLD_EMPTY),
        (machines(450), (), None, Verdict.HOLD_EMPTY),
        (machines(450), (), NOW - timedelta(days=1), Verdict.HOLD_EMPTY),
        # Some are missing: up to three, or a tenth.
        (machines(10), machines(7), None, Verdict.APPLY),
        (machines(10), machines(6), None, Verdict.HOLD_PARTIAL),
        (machines(50), machines(45), None, Verdict.APPLY),
        (machines(50), machines(44), None, Verdict.HOLD_PARTIAL),
        (machines(450), machines(225), NOW - timedelta(days=1), Verdict.HOLD_PARTIAL),
        (machines(50), RENAMED_KEYS, None, Verdict.HOLD_PARTIAL),
        (machines(50), (*machines(50), machine(51)), None, Verdict.APPLY),
        # Everybody is away at once: a restart, whatever the size, until the grace is over.
        (machines(2), machines(2, online=0), None, Verdict.HOLD_RESTART),
        (machines(450), machines(450, online=0), None, Verdict.HOLD_RESTART),
        (machines(450), machines(450, online=0), LATER[0], Verdict.HOLD_RESTART),
        (machines(450), machines(450, online=0), LATER[1], Verdict.APPLY),
        (machines(2), machines(2, online=0), LATER[1], Verdict.APPLY),
        (machines(2), machines(2, online=1), None, Verdict.APPLY),
        (machines(450), machines(450, online=1), None, Verdict.APPLY),
        # One machine that goes is no restart, nor is nobody that was there.
        (machines(450, online=1), machines(450, online=0), None, Verdict.APPLY),
        (machines(450, online=0), machines(450, online=0), None, Verdict.APPLY),
        (machines(1), machines(1, online=0), None, Verdict.APPLY),
        (machines(3), machines(2, online=0), None, Verdict.HOLD_RESTART),
    ],
)
def test_a_list_is_applied_or_held(
    before: tuple[Node, ...],
    listed: tuple[Node, ...],
    held_since_at: datetime | None,
    verdict: Verdict,
) -> None:
    found = guard(known(before), listed, at=NOW, held_since_at=held_since_at, grace_s=GRACE_S)

    assert found is verdict


def test_an_unchanged_list_differs_in_nothing() -> None:
    comparison = compare(known(machines(450)), machines(450), NOW)

    assert comparison.size == 0
    assert comparison.transitions == ()


@pytest.mark.parametrize(
    ("before", "listed", "moves"),
    [
        (machine(online=True), machine(online=False), [(1001, ONLINE, OFFLINE)]),
        (machine(online=False), machine(online=True), [(1001, OFFLINE, ONLINE)]),
        (machine(), machine(expires_at=NOW), [(1001, ONLINE, EXPIRED)]),
        (machine(expires_at=NOW - SECOND), machine(), [(1001, EXPIRED, ONLINE)]),
        (machine(), machine(given_name="other"), []),
        (machine(), machine(last_seen_at=NOW), []),
        (machine(), machine(user=None, tags=("tag:a",)), []),
    ],
)
def test_a_difference_is_a_change_and_perhaps_a_move(
    before: Node, listed: Node, moves: list[tuple[int, str, str]]
) -> None:
    comparison = compare(known([before]), [listed], NOW)

    assert comparison.changed == ((1001, listed),)
    assert [(t.row, t.from_state, t.to_state) for t in comparison.transitions] == moves


def test_a_login_that_runs_out_moves_although_the_list_is_the_same() -> None:
    node = machine(expires_at=NOW + SECOND)

    comparison = compare(known([node]), [node], NOW + SECOND)

    assert [(t.from_state, t.to_state) for t in comparison.transitions] == [(ONLINE, EXPIRED)]


def test_another_key_under_a_known_number_is_another_machine() -> None:
    stranger = machine(machine_key="mkey:other", online=False)

    comparison = compare(known([machine()]), [stranger], NOW)

    assert (comparison.new, comparison.gone, comparison.changed) == ((stranger,), (1001,), ())
    assert [(t.row, t.from_state, t.to_state) for t in comparison.transitions] == [
        (None, "", OFFLINE)
    ]


def test_new_and_missing_machines_are_told_apart() -> None:
    comparison = compare(known(machines(3)), (*machines(2), machine(9)), NOW)

    assert [node.id for node in comparison.new] == [9]
    assert comparison.gone == (1003,)
    assert comparison.size == 2


@pytest.mark.parametrize(
    ("back", "held", "verdict"),
    [
        (1, True, Verdict.HOLD_RESTART),
        (4, True, Verdict.HOLD_RESTART),
        (5, True, Verdict.APPLY),
        (1, False, Verdict.APPLY),
    ],
)
def test_clients_that_return_one_after_another_are_waited_for(
    back: int, held: bool, verdict: Verdict
) -> None:
    since_at = NOW - timedelta(seconds=5) if held else None

    judged = guard(
        known(machines(10)),
        machines(10, online=back),
        at=NOW,
        held_since_at=since_at,
        grace_s=30,
    )

    assert judged is verdict
