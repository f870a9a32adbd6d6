"""Routes of a machine beside those of its neighbours."""

from __future__ import annotations

from network.overlaps import Overlaps
from network.routes import Route, routes_of

LAN, OTHER, V6 = "192.168.10.0/24", "192.168.11.0/24", "fd00::/64"


def alone(_text: str) -> Overlaps:
    return Overlaps()


def test_each_route_says_who_said_what() -> None:
    routes = routes_of([LAN, V6], [LAN, OTHER], [LAN], alone)

    assert routes == (
        Route(LAN, announced=True, approved=True, serving=True),
        Route(OTHER, announced=False, approved=True, serving=False),
        Route(V6, announced=True, approved=False, serving=False),
    )


def test_routes_stand_in_the_order_of_their_addresses() -> None:
    texts = ["10.20.0.0/16", "9.0.0.0/8", "fd00::/8", "??", "::/0", "0.0.0.0/0"]

    found = [route.text for route in routes_of(texts, [], [], alone)]

    assert found == ["0.0.0.0/0", "9.0.0.0/8", "10.20.0.0/16", "::/0", "fd00::/8", "??"]


def test_a_few_overlaps_are_shown_and_the_others_counted() -> None:
    pairs = tuple((f"pc-{number}", LAN) for number in range(5))

    (route,) = routes_of([LAN], [], [], lambda _text: Overlaps(pairs, 7))

    assert route.first_overlaps == pairs[:3]
    assert route.overlaps_left == 4
    assert route.overlaps.left == 2


def test_the_way_to_everywhere_is_marked() -> None:
    assert [r.is_exit for r in routes_of(["0.0.0.0/0", LAN, "::/0"], [], [], alone)] == [
        True,
        False,
        True,
    ]
