"""The estimate of a list's size, against what a real engine refused to carry."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from network.headscale.sizes import LIST_LIMIT_BYTES, message_bytes
from network.headscale.types import Node, User

AT = datetime(2026, 11, 22, tzinfo=UTC)


def machine(number: int, *, rich: bool) -> Node:
    """A machine as those that were measured: bare, or with two tags, a route and a key."""
    return Node(
        id=number,
        name=f"pharm-{number:05d}",
        given_name=f"pharm-{number:05d}",
        user=User(number, f"p{number:05d}", created_at=AT),
        machine_key="mkey:" + "0" * 64,
        node_key="nodekey:" + "0" * 64,
        disco_key="discokey:" + "0" * 64,
        addresses=("100.64.10.10", "fd7a:115c:a1e0::a0a"),
        tags=("tag:pharmacy", "tag:counter") if rich else (),
        online=False,
        expires_at=None,
        last_seen_at=AT,
        created_at=AT,
        register_method="AUTH_KEY",
        announced_routes=("192.168.10.0/24",) if rich else (),
        approved_routes=("192.168.10.0/24",) if rich else (),
        serving_routes=(),
        pre_auth_key_id=number if rich else None,
    )


def test_ten_thousand_rich_machines_are_what_was_measured() -> None:
    size = message_bytes(machine(number, rich=True) for number in range(10_000))

    assert size == pytest.approx(5_874_214, rel=0.1)


def test_so_many_bare_machines_reach_the_limit() -> None:
    size = message_bytes(machine(number, rich=False) for number in range(11_600))

    assert size == pytest.approx(LIST_LIMIT_BYTES, rel=0.1)


def test_hangul_counts_by_its_bytes() -> None:
    plain = machine(1, rich=False)

    larger = message_bytes([replace(plain, name="조제실")])

    assert larger - message_bytes([plain]) == len("조제실".encode()) - len("pharm-00001")
