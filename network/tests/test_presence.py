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
    Decision,
    Hold,
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


RENAMED_KEYS = tuple(machine(n, machine_key=f"mkey:new{n}") for n in range(1, 51))
NEVER = Hold()
APPLY, RESTART, MASS = Verdict.APPLY, Verdict.HOLD_RESTART, Verdict.HOLD_MASS
EMPTY, PARTIAL = Verdict.HOLD_EMPTY, Verdict.HOLD_PARTIAL


def held(seconds: float, lists: int = 3, decision: Decision = Decision.NONE) -> Hold:
    """So many lists held, the first of them so long ago."""
    return Hold(NOW - seconds * SECOND, lists, decision)


def decided(decision: Decision) -> Hold:
    return Hold(None, 0, decision)


ACCEPTED, DISMISSED = decided(Decision.ACCEPTED), decided(Decision.DISMISSED)


@pytest.mark.parametrize(
    ("before", "listed", "hold", "verdict"),
    [
        # Nothing known yet: whatever comes is believed.
        ((), (), NEVER, APPLY),
        ((), machines(5), NEVER, APPLY),
        ((), machines(5, online=0), NEVER, APPLY),
        ((), machines(450, online=0), NEVER, APPLY),
        # Nobody is listed any more: only a person can say that this is right.
        (machines(1), (), NEVER, EMPTY),
        (machines(450), (), NEVER, EMPTY),
        (machines(450), (), held(86_400, 9000), EMPTY),
        (machines(450), (), DISMISSED, EMPTY),
        (machines(450), (), ACCEPTED, APPLY),
        # Some are missing: up to three, or a tenth.
        (machines(10), machines(7), NEVER, APPLY),
        (machines(10), machines(6), NEVER, PARTIAL),
        (machines(30), machines(27), NEVER, APPLY),
        (machines(30), machines(26), NEVER, PARTIAL),
        (machines(50), machines(45), NEVER, APPLY),
        (machines(50), machines(44), NEVER, PARTIAL),
        (machines(450), machines(225), held(86_400, 9000), PARTIAL),
        (machines(450), machines(225), DISMISSED, PARTIAL),
        (machines(450), machines(225), ACCEPTED, APPLY),
        (machines(50), RENAMED_KEYS, NEVER, PARTIAL),
        (machines(50), (*machines(50), machine(51)), NEVER, APPLY),
        (machines(50, online=0), machines(44, online=0), NEVER, PARTIAL),
        # Everybody is away at once: a restart, whatever the size, until the grace is over.
        (machines(2), machines(2, online=0), NEVER, RESTART),
        (machines(3), machines(2, online=0), NEVER, RESTART),
        (machines(450), machines(450, online=0), NEVER, RESTART),
        (machines(450), machines(450, online=0), held(29), RESTART),
        (machines(450), machines(450, online=0), held(30), APPLY),
        (machines(2), machines(2, online=0), held(30), APPLY),
        (machines(2), machines(2, online=1), NEVER, APPLY),
        # … and until it was seen three times.
        (machines(2), machines(2, online=0), held(3600, 1), RESTART),
        (machines(2), machines(2, online=0), held(3600, 2), APPLY),
        # What a person said of it holds, in either way.
        (machines(2), machines(2, online=0), held(3600, 99, Decision.DISMISSED), RESTART),
        (machines(2), machines(2, online=0), held(1, 1, Decision.ACCEPTED), APPLY),
        (machines(2), machines(2, online=1), held(3600, 99, Decision.DISMISSED), APPLY),
        # One machine that goes is no restart, nor is nobody that was there.
        (machines(450, online=1), machines(450, online=0), NEVER, APPLY),
        (machines(450, online=0), machines(450, online=0), NEVER, APPLY),
        (machines(1), machines(1, online=0), NEVER, APPLY),
        # Many at once: more than five, and more than a fifth of those that were there.
        (machines(450), machines(450, online=1), NEVER, MASS),
        (machines(6), machines(6, online=1), NEVER, APPLY),
        (machines(7), machines(7, online=1), NEVER, MASS),
        (machines(10), machines(10, online=5), NEVER, APPLY),
        (machines(10), machines(10, online=4), NEVER, MASS),
        (machines(100), machines(100, online=80), NEVER, APPLY),
        (machines(100), machines(100, online=79), NEVER, MASS),
        (machines(100, online=20), machines(100, online=15), NEVER, APPLY),
        (machines(100, online=20), machines(100, online=14), NEVER, MASS),
        (machines(100), machines(100, online=79), held(29, 5), MASS),
        (machines(100), machines(100, online=79), held(30, 1), MASS),
        (machines(100), machines(100, online=79), held(30, 2), APPLY),
        (machines(100), machines(100, online=79), held(60, 9, Decision.DISMISSED), MASS),
        (machines(100), machines(100, online=79), held(1, 1, Decision.ACCEPTED), APPLY),
        # Machines that are gone altogether did not go dark.
        (machines(100), machines(91, online=91), NEVER, APPLY),
        # Clients that return one after another are waited for until half of them are back.
        (machines(10), machines(10, online=1), held(5, 1), RESTART),
        (machines(10), machines(10, online=4), held(5, 1), RESTART),
        (machines(10), machines(10, online=5), held(5, 1), APPLY),
        (machines(100), machines(100, online=50), held(5, 1), MASS),
        (machines(100), machines(100, online=80), held(5, 1), APPLY),
        (machines(100), machines(100), held(5, 1), APPLY),
        # The last who returns ends it.
        (machines(2), machines(2), held(5, 1), APPLY),
        # More may come online at once than ever went.
        (machines(450, online=0), machines(450), NEVER, APPLY),
        (machines(450, online=10), machines(450), NEVER, APPLY),
    ],
)
def test_a_list_is_applied_or_held(
    before: tuple[Node, ...], listed: tuple[Node, ...], hold: Hold, verdict: Verdict
) -> None:
    assert guard(known(before), listed, at=NOW, hold=hold, grace_s=GRACE_S) is verdict


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
