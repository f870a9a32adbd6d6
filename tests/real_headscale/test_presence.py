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

NAMES = ("killed", "expired", "left", "deleted", "frozen")
NOTICED_S, BACK_S, WATCHED_S = 25, 60, 8


class Watch:
    """Clients by name, and whether the engine calls them online."""

    def __init__(self, desk: Desk, clients: dict[str, Client]) -> None:
        self.desk, self.clients = desk, clients

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
    online = {node.given_name for node in watch.desk.client.nodes() if node.online}

    assert online == set(NAMES)


def test_who_is_killed_is_noticed_in_less_than_half_a_minute(watch: Watch) -> None:
    client = watch.clients["killed"]

    client.stop(signal.SIGKILL)

    noticed_s = wait_until(lambda: not watch.is_online("killed"), NOTICED_S)
    client.start()
    back_s = wait_until(lambda: watch.is_online("killed"), BACK_S)

    assert noticed_s < NOTICED_S
    assert back_s < BACK_S


def test_who_is_frozen_stays_online(watch: Watch) -> None:
    process = watch.clients["frozen"].process
    assert process is not None
    os.kill(process.pid, signal.SIGSTOP)
    try:
        assert watch.stays_online("frozen")
    finally:
        os.kill(process.pid, signal.SIGCONT)
    watch.desk.trap("a frozen client stays online", True)


def test_who_is_expired_stays_online_and_is_asked_to_log_in(watch: Watch) -> None:
    node = watch.node("expired")

    watch.desk.client.expire_node(node.id)

    wait_until(lambda: status(watch.clients["expired"])["BackendState"] == "NeedsLogin", NOTICED_S)
    assert watch.stays_online("expired")
    watch.desk.trap("an expired machine stays online", True)


def test_who_logs_out_ends_its_login(watch: Watch) -> None:
    ask(watch.clients["left"], "logout")

    wait_until(lambda: watch.node("left").expires_at is not None, NOTICED_S)
    stays = watch.stays_online("left")
    assert stays is watch.desk.since(27)
    watch.desk.trap("a machine that logged out stays online", stays)


def test_who_is_deleted_believes_to_be_connected(watch: Watch) -> None:
    watch.desk.client.delete_node(watch.node("deleted").id)

    assert status(watch.clients["deleted"])["BackendState"] == "Running"
    watch.desk.trap("a deleted machine believes to be connected", True)


def test_a_restart_makes_everybody_offline_for_a_moment(engine: Engine, watch: Watch) -> None:
    engine.stop()
    engine.start()

    # Some are back before they can be asked for.
    after = [node.online for node in watch.desk.client.nodes()]

    assert not all(after)
    wait_until(lambda: watch.is_online("killed"), BACK_S)
    watch.desk.trap("a restart shows everybody offline", True)
