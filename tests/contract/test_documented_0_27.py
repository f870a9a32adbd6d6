"""0.27 was never recorded: what documents say of it, held to the simulator and to the client."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from network.headscale.client import HeadscaleClient
from network.headscale.simulator import control
from network.headscale.simulator.config import create
from network.headscale.simulator.runner import FakeHeadscale

NOW = "2026-11-18T12:00:00+09:00"
RELEASE = "0.27.1"


@pytest.fixture
def engine(tmp_path: Path) -> FakeHeadscale:
    """One user, `shop`, with a machine that speaks Korean."""
    config = create(tmp_path, release=RELEASE, now=NOW)
    control.join(config, "조제실-PC", "shop")
    return FakeHeadscale(config)


@pytest.fixture
def client(engine: FakeHeadscale) -> HeadscaleClient:
    return HeadscaleClient(run=engine, release="0.27")


def ended(engine: FakeHeadscale, *words: str, text: str | None = None) -> tuple[int, str]:
    """Exit status and everything that was printed."""
    stdin = None if text is None else text.encode()
    done = engine(words, env={}, stdin=stdin, timeout_s=60)
    return done.exit_status, (done.stdout + done.stderr).decode()


def read(engine: FakeHeadscale, *words: str) -> Any:
    status, printed = ended(engine, "-o", "json", *words)
    assert status == 0, printed
    return json.loads(printed)


@pytest.mark.parametrize(
    "words",
    [
        "version -o json",
        "health",
        "users list -n shop",
        "users rename -i 1 --new-name shop-two",
        "nodes list -u shop -t",
        "nodes list-routes",
        "nodes expire -i 1 -e 2030-01-01T00:00:00Z",
        "nodes expire -i 1",
        "nodes rename -i 1 desk",
        "nodes tag -i 1 -t tag:desk",
        "nodes move -i 1 -u 1",
        "nodes approve-routes -i 1 -r 10.0.0.0/24",
        "nodes backfillips --force",
        "nodes delete -i 1 --force",
        "preauthkeys list -u 1",
        "preauthkeys create -u 1 --reusable --ephemeral -e 24h --tags tag:desk",
        "apikeys list",
        "apikeys create -e 90d",
        "policy set -f /dev/stdin",
        "policy check -f /dev/stdin",
    ],
)
def test_what_it_knows(engine: FakeHeadscale, words: str) -> None:
    status, printed = ended(engine, *words.split(), text='{"acls": []}')

    assert (status, "unknown flag" in printed) == (0, False), printed


@pytest.mark.parametrize(
    ("words", "because"),
    [
        ("auth approve --auth-id x", "unknown command"),
        ("preauthkeys delete --id 1", "unknown"),
        ("preauthkeys expire --id 1", "unknown flag"),
        ("preauthkeys list", "user"),
        ("preauthkeys create -u shop", "invalid argument"),
        ("preauthkeys create --tags tag:desk", "user"),
        ("nodes expire -i 1 --disable", "unknown flag"),
        ("policy check -o json -f /dev/stdin", "unknown shorthand flag: 'o' in -o"),
        ("-c x.json policy check -f /dev/stdin", "unknown shorthand flag: 'c' in -c"),
    ],
)
def test_what_it_does_not_know(engine: FakeHeadscale, words: str, because: str) -> None:
    status, printed = ended(engine, *words.split(), text='{"acls": []}')

    assert status != 0
    assert because in printed


def test_its_version_is_an_object_and_its_health_a_flag(
    engine: FakeHeadscale, client: HeadscaleClient
) -> None:
    assert read(engine, "version")["version"] == "v0.27.1"
    assert read(engine, "health") == {"database_connectivity": True}
    assert client.version().number == (0, 27, 1)
    assert client.release() == (0, 27)
    assert client.health().database_connected


def test_its_machines_have_forced_tags_and_no_device_text(
    engine: FakeHeadscale, client: HeadscaleClient
) -> None:
    client.set_tags(1, ("tag:desk",))
    (node,) = read(engine, "nodes", "list")

    assert node["forced_tags"] == ["tag:desk"]
    assert "tags" not in node
    assert node["name"].startswith("invalid-")
    assert node["given_name"].startswith("invalid-")
    assert client.nodes()[0].given_name == node["given_name"]


def test_its_tags_come_and_go_and_the_machine_stays_its_users(client: HeadscaleClient) -> None:
    tagged = client.set_tags(1, ("tag:desk",))
    plain = client.set_tags(1, ())

    assert [(node.tags, node.user and node.user.name) for node in (tagged, plain)] == [
        (("tag:desk",), "shop"),
        ((), "shop"),
    ]


def test_its_keys_are_listed_in_clear_and_ended_by_their_secret(client: HeadscaleClient) -> None:
    made = client.create_preauth_key(user_id=1)
    (listed,) = client.preauth_keys()
    assert listed.key == made.key

    client.expire_preauth_key(listed)

    (ended_key,) = client.preauth_keys()
    assert ended_key.expires_at is not None
    assert ended_key.expires_at <= datetime.fromisoformat(NOW)


def test_a_user_that_goes_takes_nobody_elses_keys(client: HeadscaleClient) -> None:
    spare = client.create_user("spare")
    client.create_preauth_key(user_id=1)

    client.destroy_user(spare.id)

    assert [key.user and key.user.name for key in client.preauth_keys()] == ["shop"]


def test_it_knows_self_and_neither_tests_nor_grants(engine: FakeHeadscale) -> None:
    own = (
        '{"acls": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:*"]}]}'
    )
    words = ("policy", "set", "-f", "/dev/stdin")

    assert ended(engine, *words, text=own)[0] == 0
    for newer in ('{"grants": []}', '{"acls": [], "tests": []}'):
        status, printed = ended(engine, *words, text=newer)
        assert (status, "unknown field" in printed) == (1, True)


def test_a_wish_that_nobody_confirms_ends_well_and_does_nothing(engine: FakeHeadscale) -> None:
    status, printed = ended(engine, "-o", "json", "nodes", "delete", "-i", "1")

    assert status == 0
    assert "not deleted" in printed
    assert len(read(engine, "nodes", "list")) == 1
