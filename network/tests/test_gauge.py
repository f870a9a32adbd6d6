"""What a server can bear, and the warnings before it hurts."""

from __future__ import annotations

from typing import Any

import pytest

from network.gauge import measure
from network.headscale.sizes import LIST_LIMIT_BYTES

WELL: dict[str, Any] = {
    "machines": 450,
    "list_bytes": 200_000,
    "changes_s": [0.4, 0.5, 0.6],
    "lists_s": [0.06],
    "release": (0, 28),
}


def test_the_figures_are_medians_and_shares() -> None:
    gauge = measure(**WELL)

    assert (gauge.change_s, gauge.list_s, gauge.warnings) == (0.5, 0.06, ())
    assert gauge.list_share == pytest.approx(0.0477, abs=0.001)


def test_a_new_server_has_no_figures_yet() -> None:
    gauge = measure(machines=0, list_bytes=0, changes_s=[], lists_s=[], release=None)

    assert (gauge.change_s, gauge.list_s, gauge.list_share, gauge.warnings) == (None, None, 0, ())


@pytest.mark.parametrize(
    ("values", "warnings"),
    [
        ({"list_bytes": int(0.69 * LIST_LIMIT_BYTES)}, ()),
        ({"list_bytes": int(0.71 * LIST_LIMIT_BYTES)}, ("list_near_limit",)),
        ({"list_bytes": LIST_LIMIT_BYTES}, ("list_over_limit",)),
        ({"list_bytes": LIST_LIMIT_BYTES, "release": None}, ("list_over_limit",)),
        ({"list_bytes": 3 * LIST_LIMIT_BYTES, "release": (0, 30)}, ()),
        ({"changes_s": [1, 5.1, 9]}, ("changes_slow",)),
        ({"changes_s": [5, 5, 99]}, ()),
        ({"lists_s": [6]}, ("list_slow",)),
        (
            {"list_bytes": LIST_LIMIT_BYTES, "changes_s": [9], "lists_s": [9]},
            ("list_over_limit", "changes_slow", "list_slow"),
        ),
    ],
)
def test_warnings_come_before_it_hurts(values: dict[str, Any], warnings: tuple[str, ...]) -> None:
    assert measure(**(WELL | values)).warnings == warnings
