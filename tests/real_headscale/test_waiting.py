"""Real clients that join without a key: what lets them in, and what only seems to."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.real_headscale.clients import status
from tests.real_headscale.desk import Desk
from tests.real_headscale.engine import Client, Engine, wait_until

pytestmark = [pytest.mark.real_headscale, pytest.mark.timeout(180)]

LIMIT_S, WATCHED_S = 40, 5


class Waiting:
    """A client that has asked to join and shows the address of its page."""

    def __init__(self, engine: Engine, name: str) -> None:
        self.client = Client(name, engine.folder.parent)
        self.client.start()
        wait_until(self.client.socket.exists, LIMIT_S)
        argv = [os.environ["FARMQ_TEST_TAILSCALE"], f"--socket={self.client.socket}", "up"]
        self.asking = subprocess.Popen(
            [*argv, f"--login-server={engine.url}", f"--hostname={name}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_until(lambda: self.number() != "", LIMIT_S)

    def number(self) -> str:
        """The number that the address of its page ends with; empty when there is none."""
        return str(status(self.client).get("AuthURL") or "").rpartition("/")[2]

    def is_in(self) -> bool:
        return bool(status(self.client)["BackendState"] == "Running")

    def stop(self) -> None:
        self.asking.kill()
        self.asking.wait()
        self.client.stop()


@pytest.fixture
def waiting(engine: Engine, desk_of: Desk) -> Iterator[Waiting]:
    if "FARMQ_TEST_TAILSCALED" not in os.environ:
        pytest.skip("no tailscaled named")
    one = Waiting(engine, desk_of.name("wait"))
    yield one
    one.stop()


def test_the_number_of_its_page_lets_a_client_in(waiting: Waiting, desk_of: Desk) -> None:
    owner = desk_of.user()

    made = desk_of.client.register_node(owner.name, waiting.number())

    wait_until(waiting.is_in, LIMIT_S)
    assert desk_of.there(made.id).given_name == waiting.client.name
    wait_until(lambda: desk_of.there(made.id).online, LIMIT_S)


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_an_answer_lets_nobody_in_and_only_changes_the_number(
    waiting: Waiting, desk_of: Desk, verb: str
) -> None:
    row = "approving a new machine does not let it in"
    if not desk_of.since(29):
        desk_of.saw(row, "absent")
        return
    number, before = waiting.number(), len(desk_of.client.nodes())
    answer = {"approve": desk_of.client.approve_auth, "reject": desk_of.client.reject_auth}[verb]

    answer(number)

    wait_until(lambda: waiting.number() not in {"", number}, LIMIT_S)
    time.sleep(WATCHED_S)
    assert not waiting.is_in()
    assert len(desk_of.client.nodes()) == before
    desk_of.trap(row, True)
