"""What a person reads of a machine: engine × expiry × age × guard, each with its own word."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from network import queries
from network.looks import Seen, machine_look
from network.models import HeadscaleServer, MachineProfile
from network.tests.situations import NOW, Clock, machine, told

AGES = ("fresh", "held", "stale")
YES_NO = (True, False)
COMBINATIONS = [Seen(*facts) for facts in product(YES_NO, YES_NO, YES_NO, AGES)]


def test_no_two_combinations_read_the_same() -> None:
    words = [str(machine_look(seen).word) for seen in COMBINATIONS]

    assert len(set(words)) == len(words) == 24


@pytest.mark.parametrize("seen", COMBINATIONS, ids=str)
def test_only_what_is_fresh_looks_certain(seen: Seen) -> None:
    state = machine_look(seen).state

    assert (state == "unknown") == (seen.age != "fresh")
    assert (state == "ok") == (seen == Seen(True, False, False, "fresh"))


def test_nothing_is_said_of_what_was_never_confirmed() -> None:
    facts = product(YES_NO, YES_NO, YES_NO)
    looks = {machine_look(Seen(one, two, three, "never")) for one, two, three in facts}

    assert {(look.state, str(look.word)) for look in looks} == {("unknown", "아직 확인 못 함")}


@pytest.mark.parametrize(
    ("moved", "server_values", "machine_values", "word"),
    [
        (0, {}, {}, "온라인"),
        (0, {}, {"online": False}, "오프라인"),
        (0, {}, {"expires_at": NOW}, "만료됐지만 아직 연결됨"),
        (0, {}, {"parked_at": NOW, "expires_at": NOW, "online": False}, "격리됨"),
        (0, {"held_since_at": NOW}, {}, "확인 보류, 마지막에 온라인"),
        (31, {}, {}, "알 수 없음, 마지막에 온라인"),
        (31, {"held_since_at": NOW}, {"online": False}, "알 수 없음, 마지막에 오프라인"),
        (0, {"confirmed_at": None}, {}, "아직 확인 못 함"),
    ],
)
def test_a_row_is_read_as_it_is(
    server: HeadscaleServer,
    clock: Clock,
    moved: int,
    server_values: dict[str, object],
    machine_values: dict[str, object],
    word: str,
) -> None:
    told(server, clock, (machine(1),))
    HeadscaleServer.objects.update(**server_values)
    MachineProfile.objects.update(**machine_values)
    at = NOW + timedelta(seconds=moved)

    row = queries.machines(at=at).get()

    assert str(queries.look_of(row, at=at).word) == word
