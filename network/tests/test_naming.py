"""Names that every release takes, made of what is known of a machine."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.headscale.arguments import CHECKS
from network.naming import first_free, is_numbered, name_stem


@pytest.mark.parametrize(
    ("pharmacy_id", "role", "hostname", "taken", "name"),
    [
        (1, "COUNTER", "접수-PC", (), "p0001-counter-1"),
        (1, "COUNTER", "접수-PC", ("p0001-counter-1",), "p0001-counter-2"),
        (1, "COUNTER", "접수-PC", ("p0001-counter-1", "p0001-counter-2"), "p0001-counter-3"),
        (12, "", "조제실", (), "p0012-pc-1"),
        (12, "", "DESKTOP-7Q2", (), "p0012-desktop-7q-1"),
        (None, "", "조제실", (), "pc-1"),
        (None, "", "invalid-a1b2c3d4", (), "pc-1"),
        (None, "GATEWAY", "", (), "gateway-1"),
        (3, "", "<script>", (), "p0003-script-1"),
        (3, "", "p0003-counter1", (), "p0003-counter-1"),
        (3, "", "P0003", (), "p0003-pc-1"),
        (3, "", "p0004-counter1", (), "p0003-p0004-counter-1"),
    ],
)
def test_a_name_tells_place_and_purpose(
    pharmacy_id: int | None, role: str, hostname: str, taken: tuple[str, ...], name: str
) -> None:
    found = first_free(name_stem(pharmacy_id=pharmacy_id, role=role, hostname=hostname), taken)

    assert found == name


@given(
    pharmacy_id=st.none() | st.integers(1, 10**9),
    role=st.sampled_from(["", "COUNTER", "DISPENSING"]),
    hostname=st.text(max_size=300),
    taken=st.integers(0, 3),
)
def test_the_engine_takes_every_suggestion_and_nobody_has_it(
    pharmacy_id: int | None, role: str, hostname: str, taken: int
) -> None:
    names: set[str] = set()
    stem = name_stem(pharmacy_id=pharmacy_id, role=role, hostname=hostname)
    for _ in range(taken + 1):
        name = first_free(stem, names)
        assert name not in names
        assert is_numbered(name, stem)
        assert CHECKS["new_name"](name) == name
        names.add(name)
