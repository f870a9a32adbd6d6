"""The judge of the fault harness finds each lie that is planted in a journal."""

from __future__ import annotations

from typing import Any

import pytest

from bench.faults.deeds import DELETE, END_KEY, KEY, RENAME, Deed, Deeds
from bench.faults.plan import VICTIMS
from bench.faults.running import first
from bench.faults.verdict import Case, judge
from network.headscale.simulator.journal import AFTER, BEFORE, Entry

RENAMED = Deed(RENAME, "POST", "/api/nodes/7/rename", target="7", word="till-1-x")
MADE_KEY = Deed(KEY, "POST", "/api/pharmacy/1/preauth-key", word="--expiration=61m")


def event(verb: str, target: str, call: str, *words: str, **more: Any) -> Entry:
    values = {"phase": AFTER, "effect": {"id": 5}} | more
    return Entry(
        at=1.0,
        pid=1,
        ppid=1,
        argv=(*verb.split(), *words),
        verb=verb,
        target=target,
        exit=None,
        call=call,
        **values,
    )


def case(deed: Deed = RENAMED, state: str = "SUCCEEDED", **more: Any) -> Case:
    return Case(**({"command": 1, "seconds": 1.0, "final": True} | more), deed=deed, state=state)


HAPPENED = event(RENAME, "7", "a", "-i", "7", "till-1-x")
KEY_MADE = event(KEY, "1", "b", "--expiration=61m")


@pytest.mark.parametrize(
    ("told", "entries", "problem"),
    [
        (case(), [HAPPENED], ""),
        (case(), [HAPPENED, HAPPENED], ""),
        (case(), [HAPPENED, event(RENAME, "7", "c", "till-1-x")], "happened more than once"),
        (case(), [], "called done, never happened"),
        (
            case(),
            [event(RENAME, "7", "a", "till-1-x", phase=BEFORE)],
            "called done, never happened",
        ),
        (case(), [event(RENAME, "7", "a", "till-2-x")], "called done, never happened"),
        (case(), [event(RENAME, "8", "a", "till-1-x")], "called done, never happened"),
        (case(state="FAILED"), [], ""),
        (case(state="FAILED"), [HAPPENED], "called failed, happened"),
        (case(MADE_KEY), [KEY_MADE, event(KEY, "1", "e", "--expiration", "161m")], ""),
        (
            case(MADE_KEY),
            [KEY_MADE, event(KEY, "1", "e", "--expiration=61m")],
            "happened more than once",
        ),
        (case(MADE_KEY, "FAILED"), [KEY_MADE], "called failed, happened"),
        (case(MADE_KEY, "FAILED"), [KEY_MADE, event(END_KEY, "5", "d")], ""),
        (case(MADE_KEY, "FAILED"), [KEY_MADE, event(END_KEY, "6", "d")], "called failed, happened"),
        (case(state="NEEDS_HUMAN"), [HAPPENED], "left as NEEDS_HUMAN"),
        (case(state="UNKNOWN", final=False), [HAPPENED], "not final in time"),
        (case(command=None, final=False), [], "no answer to a repeated request"),
    ],
)
def test_what_is_said_of_a_command_is_held_against_the_journal(
    told: Case, entries: list[Entry], problem: str
) -> None:
    assert judge(told, entries).problem == problem


def test_a_plan_follows_from_its_seed() -> None:
    assert list(first(7, 30)) == list(first(7, 30)) != list(first(8, 30))


def test_thirty_scenarios_kill_every_process_at_every_moment() -> None:
    placed = {(one.victims[0], one.moment) for one in list(first(3, 30))[::2]}

    assert len(placed) == 3 * len(VICTIMS)


def test_a_machine_is_deleted_once() -> None:
    deeds = Deeds(lasting=2)
    deeds.spares += [15]

    asked = [deeds.of(DELETE) for _ in range(3)]

    assert [deed.verb for deed in asked] == [DELETE, RENAME, RENAME]
    assert len({deed.word or deed.target for deed in asked}) == 3
