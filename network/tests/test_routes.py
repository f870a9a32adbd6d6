"""Routes of a machine beside those of its neighbours."""

from __future__ import annotations

import pytest

from network.routes import Route, network_of, routes_of

LAN, HALF, OTHER, V6 = "192.168.10.0/24", "192.168.10.128/25", "192.168.11.0/24", "fd00::/64"


@pytest.mark.parametrize(
    ("text", "others", "overlaps"),
    [
        (LAN, {"a": [LAN]}, (("a", LAN),)),
        (LAN, {"b": [HALF], "a": [OTHER]}, (("b", HALF),)),
        (HALF, {"a": [LAN], "b": [LAN]}, (("a", LAN), ("b", LAN))),
        (LAN, {"a": [OTHER, V6]}, ()),
        (V6, {"a": ["fd00::/48"]}, (("a", "fd00::/48"),)),
        (LAN, {"a": ["192.168.10.7/24"]}, (("a", "192.168.10.7/24"),)),
        (LAN, {"a": ["0.0.0.0/0", "::/0"]}, ()),
        ("0.0.0.0/0", {"a": [LAN]}, ()),
        (LAN, {"a": ["no route", ""]}, ()),
        ("no route", {"a": [LAN]}, ()),
    ],
)
def test_overlaps_are_found_in_both_directions(
    text: str, others: dict[str, list[str]], overlaps: tuple[tuple[str, str], ...]
) -> None:
    (route,) = routes_of([text], [], [], others)

    assert route.overlaps == overlaps


def test_each_route_says_who_said_what() -> None:
    routes = routes_of([LAN, V6], [LAN, OTHER], [LAN], {})

    assert routes == (
        Route(LAN, announced=True, approved=True, serving=True),
        Route(OTHER, announced=False, approved=True, serving=False),
        Route(V6, announced=True, approved=False, serving=False),
    )


def test_routes_stand_in_the_order_of_their_addresses() -> None:
    texts = ["10.20.0.0/16", "9.0.0.0/8", "fd00::/8", "??", "::/0", "0.0.0.0/0"]

    found = [route.text for route in routes_of(texts, [], [], {})]

    assert found == ["0.0.0.0/0", "9.0.0.0/8", "10.20.0.0/16", "::/0", "fd00::/8", "??"]


def test_the_way_to_everywhere_is_marked() -> None:
    assert [r.is_exit for r in routes_of(["0.0.0.0/0", LAN, "::/0"], [], [], {})] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(("text", "known"), [(LAN, True), ("10.0.0.1/8", True), ("x", False)])
def test_a_route_is_read_or_not(text: str, known: bool) -> None:
    assert (network_of(text) is not None) is known
