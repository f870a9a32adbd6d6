"""What reaches into a route, found without comparing it with all others."""

from __future__ import annotations

import random
from ipaddress import ip_network

import pytest

from network.overlaps import EXIT_ROUTES, TOLD, Claim, Neighbourhood, Overlaps, network_of

LAN, HALF, OTHER, V6 = "192.168.10.0/24", "192.168.10.128/25", "192.168.11.0/24", "fd00::/64"
ME = 999


def beside(others: dict[str, list[str]], own: tuple[str, ...] = ()) -> Neighbourhood:
    claims = [Claim(ME, "me", text) for text in own]
    for number, (name, texts) in enumerate(others.items(), 1):
        claims += [Claim(number, name, text) for text in texts]
    return Neighbourhood(claims)


@pytest.mark.parametrize(
    ("text", "others", "overlaps"),
    [
        (LAN, {"a": [LAN]}, (("a", LAN),)),
        (LAN, {"b": [HALF], "a": [OTHER]}, (("b", HALF),)),
        (HALF, {"a": [LAN], "b": [LAN]}, (("a", LAN), ("b", LAN))),
        (LAN, {"a": [OTHER, V6]}, ()),
        (V6, {"a": ["fd00::/48"]}, (("a", "fd00::/48"),)),
        (LAN, {"a": ["192.168.10.7/24"]}, (("a", "192.168.10.7/24"),)),
        (LAN, {"a": ["192.168.10.0", "192.168.10.255/32"]}, None),
        (LAN, {"a": ["192.168.0.0/16"], "b": [HALF], "c": [LAN]}, None),
        (LAN, {"a": ["0.0.0.0/0", "::/0"]}, ()),
        ("0.0.0.0/0", {"a": [LAN]}, ()),
        (LAN, {"a": ["no route", ""]}, ()),
        ("no route", {"a": [LAN]}, ()),
    ],
)
def test_overlaps_are_found_in_both_directions(
    text: str, others: dict[str, list[str]], overlaps: tuple[tuple[str, str], ...] | None
) -> None:
    all_of_them = tuple((name, other) for name, texts in others.items() for other in texts)
    expected = all_of_them if overlaps is None else overlaps

    assert beside(others).around(ME, text) == Overlaps(expected, len(expected))


def test_a_machine_does_not_overlap_with_itself() -> None:
    neighbourhood = beside({"a": [HALF]}, own=(LAN, HALF, "192.168.0.0/16"))

    assert neighbourhood.around(ME, LAN) == Overlaps((("a", HALF),), 1)


def test_what_several_strangers_have_is_told_once() -> None:
    strangers = [Claim(None, "a stranger", LAN) for _ in range(3)]

    found = Neighbourhood([*strangers, Claim(ME, "me", LAN)]).around(ME, LAN)

    assert found == Overlaps((("a stranger", LAN),), 1)


def test_many_are_counted_and_the_first_are_told() -> None:
    names = [f"pc-{number:03}" for number in range(500)]

    found = beside({name: [LAN] for name in reversed(names)}, own=(LAN,)).around(ME, LAN)

    assert found.first == tuple((name, LAN) for name in names[:TOLD])
    assert (found.count, found.left) == (500, 480)


@pytest.mark.parametrize("seed", range(20))
def test_it_finds_what_comparing_with_all_others_finds(seed: int) -> None:
    draws = random.Random(seed)  # noqa: S311  # a fleet is no secret
    fleet = {f"pc-{number}": [drawn(draws) for _ in range(3)] for number in range(60)}
    # One machine has so many that the first ones of a network may all be its own.
    fleet["pc-0"] = [drawn(draws) for _ in range(90)]
    neighbourhood = beside(fleet)

    for number, (name, texts) in enumerate(fleet.items(), 1):
        for text in texts:
            expected = compared_with_all(name, text, fleet)
            assert neighbourhood.around(number, text) == Overlaps(
                tuple(expected[:TOLD]), len(expected)
            )


def test_one_machine_with_very_many_routes_costs_no_more_than_the_others_together() -> None:
    mine = [f"10.{number // 256}.{number % 256}.0/24" for number in range(3000)]
    neighbourhood = beside({"a": ["10.0.0.0/8"]}, own=("10.0.0.0/8", *mine))

    found = [neighbourhood.around(ME, text) for text in mine]

    assert set(found) == {Overlaps((("a", "10.0.0.0/8"),), 1)}
    assert neighbourhood.around(ME, "10.0.0.0/8") == Overlaps((("a", "10.0.0.0/8"),), 1)


def drawn(draws: random.Random) -> str:
    """A route out of a space so small that many overlap."""
    if draws.random() < 0.1:
        return draws.choice([*EXIT_ROUTES, "??", ""])
    if draws.random() < 0.3:
        return f"fd00::{draws.randrange(4)}:0/{draws.choice((64, 96, 112, 128))}"
    return f"10.{draws.randrange(3)}.{draws.randrange(4)}.0/{draws.choice((8, 16, 24, 32))}"


def compared_with_all(name: str, text: str, fleet: dict[str, list[str]]) -> list[tuple[str, str]]:
    mine = network_of(text)
    if mine is None or text in EXIT_ROUTES:
        return []
    return sorted(
        {
            (other, route)
            for other, routes in fleet.items()
            for route in routes
            if other != name and route not in (*EXIT_ROUTES, "??", "")
            if ip_network(route, strict=False).version == mine.version
            and ip_network(route, strict=False).overlaps(mine)
        }
    )


@pytest.mark.parametrize(("text", "known"), [(LAN, True), ("10.0.0.1/8", True), ("x", False)])
def test_a_route_is_read_or_not(text: str, known: bool) -> None:
    assert (network_of(text) is not None) is known
