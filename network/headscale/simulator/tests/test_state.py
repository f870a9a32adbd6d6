from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from network.headscale.simulator.config import create, load, set_now, set_release
from network.headscale.simulator.control import join, log_out, set_online, truth
from network.headscale.simulator.releases import RELEASES
from network.headscale.simulator.state import NODE, Store
from network.headscale.simulator.tests.conversation import NOON, ask, ids, read

AT = datetime.fromisoformat(NOON)


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    return create(tmp_path, pharmacies=4, now=NOON)


def test_a_changed_machine_of_the_fleet_stays_changed(demo: Path) -> None:
    node_id, other_id = ids(demo)[:2]
    read(demo, "nodes", "rename", "-i", str(node_id), "new-name")
    read(demo, "nodes", "delete", "-i", str(other_id), "--force")

    by_id = {node["id"]: node for node in read(demo, "nodes", "list")}

    assert by_id[node_id]["given_name"] == "new-name"
    assert other_id not in by_id


def test_changes_outlive_time_and_upgrades(demo: Path) -> None:
    node_id = ids(demo)[0]
    read(demo, "nodes", "rename", "-i", str(node_id), "new-name")
    set_now(demo, "2026-11-19T12:00:00+09:00")
    set_release(demo, "0.30-dev")

    names = {node["id"]: node["givenName"] for node in read(demo, "nodes", "list")}

    assert names[str(node_id)] == "new-name"


def test_creating_twice_keeps_the_first(demo: Path) -> None:
    again = create(demo.parent, release="0.26.1", pharmacies=99)

    assert again == demo
    assert load(demo).pharmacies == 4


def test_an_unknown_release_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"unknown release '0\.1'"):
        create(tmp_path, release="0.1")


@pytest.mark.parametrize("release", RELEASES)
def test_a_joining_machine_is_online_at_once(tmp_path: Path, release: str) -> None:
    config = create(tmp_path, release=release, now=NOON)

    node_id = join(config, "PC-1", "p9")

    assert truth(config, AT) == {node_id: True}
    assert read(config, "users", "list")[0]["name"] == "p9"
    assert read(config, "nodes", "list")[0]["online"] is True


def test_joining_machines_never_take_ids_of_the_fleet(demo: Path) -> None:
    node_id = join(demo, "PC-1", "p0001")

    assert node_id == 100_001
    assert node_id == ids(demo)[-1]


def test_a_machine_can_be_held_online_offline_and_let_go(demo: Path) -> None:
    before = truth(demo, AT)
    node_id = next(iter(before))

    set_online(demo, node_id, online=not before[node_id])
    held = truth(demo, AT)
    set_online(demo, node_id, online=None)

    assert held[node_id] is not before[node_id]
    assert truth(demo, AT) == before


def test_expiring_a_machine_does_not_disconnect_it(demo: Path) -> None:
    node_id = next(number for number, connected in truth(demo, AT).items() if connected)

    read(demo, "nodes", "expire", "-i", str(node_id))

    assert truth(demo, AT)[node_id]


@pytest.mark.parametrize(("release", "connected"), [("0.26.1", False), ("0.28.0", True)])
def test_logging_out_ends_the_key_in_1970(tmp_path: Path, release: str, connected: bool) -> None:
    config = create(tmp_path, release=release, now=NOON)
    node_id = join(config, "pc", "p1")

    log_out(config, node_id)

    node = read(config, "nodes", "list")[0]
    assert node["expiry"] == {"seconds": 123}
    assert node.get("online", False) is connected


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.sqlite3")

    with pytest.raises(ZeroDivisionError), store.transaction():
        store.change(NODE, 1, {"given_name": 1 // len(store.changes(NODE))})

    assert store.changes(NODE) == {}
    store.close()


def test_secrets_are_shown_once_from_28_on(demo: Path) -> None:
    key = read(demo, "preauthkeys", "create", "-u", "1")

    listed = {item["id"]: item["key"] for item in read(demo, "preauthkeys", "list")}

    assert len(key["key"]) == len("hskey-auth--") + 12 + 64
    assert listed[key["id"]] == key["key"][:23] + "-***"
    assert key["key"].encode() not in load(demo).state.read_bytes()


def test_keys_live_as_long_as_asked(demo: Path) -> None:
    lives = {"1h30m": 5400, "90d": 90 * 86400, "30m": 1800, "0s": 0}

    for text, seconds in lives.items():
        key = read(demo, "preauthkeys", "create", "-u", "1", "-e", text)
        assert key["expiration"]["seconds"] - key["created_at"]["seconds"] == seconds


def test_in_27_keys_are_listed_by_user_and_in_full(tmp_path: Path) -> None:
    config = create(tmp_path, release="0.27.1", now=NOON, pharmacies=2)
    key = read(config, "preauthkeys", "create", "-u", "2")["key"]

    mine = read(config, "preauthkeys", "list", "-u", "2")
    read(config, "preauthkeys", "expire", "-u", "2", key)

    assert mine[-1]["key"] == key
    assert ask(config, "preauthkeys", "list").exit_status == 1
    assert ask(config, "preauthkeys", "expire", "-u", "1", key).exit_status == 1


def test_28_0_destroys_the_keys_of_everybody(demo: Path) -> None:
    read(demo, "users", "create", "empty")
    read(demo, "users", "destroy", "-n", "empty", "--force")

    assert read(demo, "preauthkeys", "list") is None


def test_a_list_beyond_four_megabytes_is_refused_until_30(tmp_path: Path) -> None:
    config = create(tmp_path, pharmacies=1700, now=NOON)

    refused = ask(config, "-o", "json", "nodes", "list")
    one = ask(config, "-o", "json", "nodes", "list", "-u", "p0001")
    set_release(config, "0.30-dev")

    assert b"received message larger than max" in refused.stderr
    assert one.exit_status == 0
    assert len(ids(config)) > 7200


@pytest.mark.parametrize(
    ("release", "text"),
    [("0.26.1", "0.26.1"), ("0.27.1", "v0.27.1"), ("0.29.2", "v0.29.2"), ("0.30-dev", "dev")],
)
def test_a_released_program_names_its_release(tmp_path: Path, release: str, text: str) -> None:
    config = create(tmp_path, release=release)

    words = ("-o", "json", "version") if release == "0.26.1" else ("version", "-o", "json")

    assert json.loads(ask(config, *words).stdout)["version"] == text
