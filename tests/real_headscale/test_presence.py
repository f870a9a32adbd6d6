"""What `online` does when real clients come and go, are cut off, or are put out."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest

from network.headscale.types import Node
from tests.real_headscale.clients import ask, join_all, status
from tests.real_headscale.desk import Desk
from tests.real_headscale.engine import Client, Engine, wait_until

pytestmark = [pytest.mark.real_headscale, pytest.mark.timeout(240)]

STEADY = ("steady-1", "steady-2", "steady-3")
NAMES = ("killed", "expired", "left", "deleted", "frozen", *STEADY)
NOTICED_S, BACK_S, WATCHED_S = 25, 60, 8


class Watch:
    """Clients by name, and whether the engine calls them online.

    Each test has a client of its own, because the tests come in any order.
    """

    def __init__(self, desk: Desk, clients: dict[str, Client]) -> None:
        self.desk, self.clients = desk, clients
        self.online_at_first = self.online()

    def connected(self, name: str) -> Client:
        """Return a client once it is online; a test before may have restarted the engine."""
        wait_until(lambda: self.is_online(name), BACK_S)
        return self.clients[name]

    def online(self) -> set[str]:
        return {node.given_name for node in self.desk.client.nodes() if node.online}

    def node(self, name: str) -> Node:
        return next(node for node in self.desk.client.nodes() if node.given_name == name)

    def is_online(self, name: str) -> bool:
        return self.node(name).online

    def stays_online(self, name: str) -> bool:
        """Watch for a while; long enough for a release that notices."""
        try:
            wait_until(lambda: not self.is_online(name), WATCHED_S, every_s=1)
        except AssertionError:
            return True
        return False


@pytest.fixture(scope="module")
def watch(engine: Engine, desk_of: Desk) -> Iterator[Watch]:
    if "FARMQ_TEST_TAILSCALED" not in os.environ:
        pytest.skip("no tailscaled named")
    user = desk_of.user()
    none: tuple[str, ...] = ()
    keys = {name: (desk_of.client.create_preauth_key(user.id).key, none) for name in NAMES}
    clients = join_all(engine, keys)
    yield Watch(desk_of, clients)
    for client in clients.values():
        client.stop()


def test_who_joins_is_online_at_once(watch: Watch) -> None:
    assert watch.online_at_first == set(NAMES)


def test_who_is_killed_is_noticed_in_less_than_half_a_minute(watch: Watch) -> None:
    client = watch.connected("killed")

    client.stop(signal.SIGKILL)

    noticed_s = wait_until(lambda: not watch.is_online("killed"), NOTICED_S)
    client.start()
    back_s = wait_until(lambda: watch.is_online("killed"), BACK_S)

    assert noticed_s < NOTICED_S
    assert back_s < BACK_S


def test_who_is_frozen_stays_online(watch: Watch) -> None:
    process = watch.connected("frozen").process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    try:
        assert watch.stays_online("frozen")
    finally:
        os.kill(process.pid, signal.SIGCONT)
    watch.desk.trap("a frozen client stays online", True)


def test_who_is_expired_stays_online_and_is_asked_to_log_in(watch: Watch) -> None:
    client = watch.connected("expired")

    watch.desk.client.expire_node(watch.node("expired").id)

    wait_until(lambda: status(client)["BackendState"] == "NeedsLogin", NOTICED_S)
    assert watch.stays_online("expired")
    watch.desk.trap("an expired machine stays online", True)


def test_who_logs_out_ends_its_login(watch: Watch) -> None:
    ask(watch.connected("left"), "logout")

    wait_until(lambda: watch.node("left").expires_at is not None, NOTICED_S)
    stays = watch.stays_online("left")
    assert stays is watch.desk.since(27)
    watch.desk.trap("a machine that logged out stays online", stays)


def test_who_is_deleted_believes_to_be_connected(watch: Watch) -> None:
    client = watch.connected("deleted")

    watch.desk.client.delete_node(watch.node("deleted").id)

    assert status(client)["BackendState"] == "Running"
    watch.desk.trap("a deleted machine believes to be connected", True)


def test_a_restart_makes_everybody_offline_for_a_moment(engine: Engine, watch: Watch) -> None:
    for name in STEADY:
        watch.connected(name)
    engine.stop()
    engine.start()

    # Some are back before they can be asked for.
    assert not watch.online().issuperset(STEADY)

    for name in STEADY:
        watch.connected(name)
    watch.desk.trap("a restart shows everybody offline", True)
