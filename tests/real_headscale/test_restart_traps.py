"""Traps that show when a server stops, starts anew, or has grown: real engines only."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from network.headscale.client import (
    HeadscaleClient,
    HeadscaleError,
    RejectedError,
    TimedOutError,
    UnreachableError,
)
from network.headscale.features import series_of
from network.headscale.process import run
from tests.real_headscale.desk import Desk
from tests.real_headscale.engine import Engine

pytestmark = [pytest.mark.real_headscale, pytest.mark.timeout(180)]

LATER = datetime(2031, 1, 1, tzinfo=UTC)
COPIES = 45
LONG_NAME = "가" * 33_000


def restart(engine: Engine) -> None:
    engine.stop()
    engine.start()


def hurried(desk: Desk) -> HeadscaleClient:
    """A client that waits three seconds for anything."""
    series = series_of(desk.release)
    return HeadscaleClient(desk.command, run, series, change_timeout_s=3, read_timeout_s=3)


def database(engine: Engine) -> sqlite3.Connection:
    return sqlite3.connect(engine.folder / "db.sqlite")


def test_a_server_that_is_down_costs_the_whole_limit(engine: Engine, desk_of: Desk) -> None:
    node, client = desk_of.node(), hurried(desk_of)
    engine.stop()
    try:
        with pytest.raises(UnreachableError):
            client.nodes()
        with pytest.raises((TimedOutError, UnreachableError)):
            client.rename_node(node.id, "never")
        done = desk_of.call("-o", "json", "nodes", "list", HEADSCALE_CLI_TIMEOUT="2s")
    finally:
        engine.start()

    assert done.exit_status == 1
    assert 1.5 < done.seconds < 10
    assert desk_of.there(node.id).given_name == node.given_name
    desk_of.trap("a server that is down costs the whole time limit", True)


def test_an_expiry_is_in_the_database_or_lost_at_a_restart(engine: Engine, desk_of: Desk) -> None:
    if not desk_of.since(27):
        desk_of.saw("an expiry that was set is lost at a restart", "absent")
        return
    node = desk_of.node()
    desk_of.client.expire_node(node.id, LATER)

    restart(engine)

    is_lost = desk_of.there(node.id).expires_at != LATER
    assert is_lost is (desk_of.release in {(0, 27), (0, 28)})
    desk_of.trap("an expiry that was set is lost at a restart", is_lost)


def test_routes_that_were_taken_back_return_at_a_restart(engine: Engine, desk_of: Desk) -> None:
    node = desk_of.node()
    desk_of.client.approve_routes(node.id, ("10.9.0.0/16",))
    desk_of.client.approve_routes(node.id, ())

    restart(engine)

    is_back = desk_of.there(node.id).approved_routes != ()
    assert is_back is (desk_of.release in {(0, 27), (0, 28)})
    desk_of.trap("routes that were all taken back return at a restart", is_back)


def test_the_empty_text_is_taken_as_a_policy(engine: Engine, desk_of: Desk) -> None:
    desk_of.client.set_policy('{"acls": []}')

    done = desk_of.call("-o", "json", "policy", "set", "-f", "/dev/stdin", stdin="")

    assert (done.exit_status, done.stdout) == (0, b"Policy updated.\n")
    restart(engine)
    stored = desk_of.client.policy()
    assert stored is None or stored.text == ""
    desk_of.trap("the empty text is taken as a policy", True)


def test_addresses_are_filled_in(engine: Engine, desk_of: Desk) -> None:
    if not desk_of.since(27):
        return
    config = engine.folder / "config.yaml"
    both = config.read_text()
    only_v4 = both.replace(', v6: "fd7a:115c:a1e0::/48"', "")
    assert only_v4 != both
    config.write_text(only_v4)
    restart(engine)
    node = desk_of.node()
    config.write_text(both)
    restart(engine)

    changes = desk_of.client.backfill_ips()

    assert len(node.addresses) == 1
    assert len(desk_of.there(node.id).addresses) == 2
    assert changes


def test_a_list_of_more_than_4_mib_cannot_be_read(engine: Engine, desk_of: Desk) -> None:
    row = "nodes list, no matter how large"
    owner = desk_of.user()
    node = desk_of.node(owner)
    engine.stop()
    with closing(database(engine)) as found, found:
        _copy_machine(found, node.id)
        # Each machine is listed with its owner.
        update = "UPDATE users SET display_name = ? WHERE id = ?"
        found.execute(update, (LONG_NAME, owner.id))
    engine.start()
    try:
        if desk_of.since(30):
            assert len(desk_of.client.nodes()) > COPIES
            desk_of.saw(row)
            return
        with pytest.raises(RejectedError) as refused:
            desk_of.client.nodes()
        assert refused.value.reason == "list_too_large"
        desk_of.saw(row, "absent")
    finally:
        engine.stop()
        with closing(database(engine)) as found, found:
            found.execute("UPDATE users SET display_name = '' WHERE id = ?", (owner.id,))
        engine.start()


def _copy_machine(found: sqlite3.Connection, node_id: int) -> None:
    """Copy one row so often that its owner alone fills the answer; keys and names differ."""
    columns = [row[1] for row in found.execute("PRAGMA table_info(nodes)") if row[1] != "id"]
    for number in range(COPIES):
        changed = {
            "machine_key": f"'mkey:{number:064x}'",
            "node_key": f"'nodekey:{number:064x}'",
            "given_name": f"'copy-{number}'",
            "ipv4": f"'100.64.9.{number + 1}'",
            "ipv6": f"'fd7a:115c:a1e0::9:{number + 1:x}'",
        }
        values = ", ".join(changed.get(column, column) for column in columns)
        words = f"INSERT INTO nodes ({', '.join(columns)}) SELECT {values} FROM nodes WHERE id = ?"  # noqa: S608  # columns of the engine's own table
        found.execute(words, (node_id,))


def test_a_table_of_somebody_else_stops_the_next_start(engine: Engine, desk_of: Desk) -> None:
    engine.stop()
    with closing(database(engine)) as found, found:
        found.execute("CREATE TABLE django_migrations (id integer)")
    try:
        engine.start()
        is_up = _answers(desk_of)
    except AssertionError:
        is_up = False
    engine.stop()
    with closing(database(engine)) as found, found:
        found.execute("DROP TABLE django_migrations")
    engine.start()

    assert is_up is not desk_of.since(27)
    desk_of.trap("a foreign table in its database stops the next start", not is_up)


def _answers(desk: Desk) -> bool:
    try:
        hurried(desk).users()
    except HeadscaleError:
        return False
    return True
