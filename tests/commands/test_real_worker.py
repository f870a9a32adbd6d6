"""Commands survive what really happens to processes, and no change is ever made twice.

A real worker, beat, web and Valkey; the engine is the simulator's program, and the verdict comes
from its journal alone.
"""

from __future__ import annotations

import itertools
import os
import signal
import time

import celery
import pytest
import redis

from network.headscale.simulator import faults as f
from network.headscale.simulator.faults import Fault
from network.headscale.simulator.journal import AFTER, BEFORE, START
from tests.commands.stack import Stack, until

pytestmark = [pytest.mark.processes, pytest.mark.timeout(150), pytest.mark.xdist_group("commands")]
RENAME, DELETE, KEY = "nodes rename", "nodes delete", "preauthkeys create"
_numbers = itertools.count(1)


@pytest.fixture
def node_id() -> int:
    """A machine of the scenario's own."""
    return next(_numbers)


def test_a_change_is_made_while_the_person_waits(stack: Stack, node_id: int) -> None:
    status, answer = stack.call("POST", f"/api/nodes/{node_id}/rename", {"new_name": "quick-one"})

    assert (status, answer["data"]["name"]) == (200, "quick-one")
    assert stack.witness.effects(RENAME, str(node_id)) == 1


def test_a_worker_killed_before_the_call(stack: Stack, node_id: int) -> None:
    since = stack.witness.length()
    stack.fail(Fault(f.SLOW, verb="nodes list", seconds=30))
    command = stack.rename(node_id)
    stack.witness.wait_for("nodes list", START, since)
    until(lambda: stack.state(command) == "RUNNING", 10, "a claim")

    stack.kill("worker")
    stack.heal()
    effects_then = stack.witness.effects(RENAME, str(node_id))

    assert (effects_then, stack.state(command)) == (0, "RUNNING")
    assert stack.final_state(command) == "SUCCEEDED"
    assert stack.witness.effects(RENAME, str(node_id)) == 1


def test_a_worker_killed_during_the_call(stack: Stack, node_id: int) -> None:
    since = stack.witness.length()
    stack.fail(Fault(f.SLOW, verb=RENAME, seconds=2, remaining=1))
    command = stack.rename(node_id)
    stack.witness.wait_for(RENAME, BEFORE, since)

    stack.kill("worker")
    stack.heal()

    assert stack.final_state(command) == "SUCCEEDED"
    assert stack.witness.effects(RENAME, str(node_id)) == 1


def test_a_worker_killed_after_the_call(stack: Stack, node_id: int) -> None:
    since = stack.witness.length()
    stack.fail(Fault(f.SLOW, verb=DELETE, after_s=2, remaining=1))
    command = stack.ask("DELETE", f"/api/nodes/{node_id}/delete")
    stack.witness.wait_for(DELETE, AFTER, since)

    stack.kill("worker")
    stack.heal()

    assert stack.final_state(command) == "SUCCEEDED"
    assert stack.witness.effects(DELETE, str(node_id)) == 1


def test_a_worker_killed_after_it_made_a_key(stack: Stack) -> None:
    since = stack.witness.length()
    stack.fail(Fault(f.SLOW, verb=KEY, after_s=2, remaining=1))
    command = stack.ask("POST", "/api/pharmacy/1/preauth-key")
    made = stack.witness.wait_for(KEY, AFTER, since)
    assert made.effect is not None

    stack.kill("worker")
    stack.heal()

    assert stack.final_state(command) == "FAILED"
    assert stack.command(command)["error"]
    assert made.target is not None
    assert stack.witness.effects(KEY, made.target) == 1
    assert stack.witness.effects("preauthkeys expire", str(made.effect["id"])) == 1


def test_a_child_of_the_pool_killed_during_the_call(stack: Stack, node_id: int) -> None:
    since = stack.witness.length()
    stack.fail(Fault(f.SLOW, verb=RENAME, seconds=2, remaining=1))
    command = stack.rename(node_id)
    call = stack.witness.wait_for(RENAME, BEFORE, since)

    os.kill(call.ppid, signal.SIGKILL)

    assert stack.final_state(command) == "SUCCEEDED"
    assert stack.witness.effects(RENAME, str(node_id)) == 1


def test_a_worker_frozen_past_its_lease(stack: Stack, node_id: int) -> None:
    since = stack.witness.length()
    stack.fail(Fault(f.SLOW, verb="nodes list", seconds=1.5))
    command = stack.rename(node_id)
    stack.witness.wait_for("nodes list", START, since)
    until(lambda: stack.state(command) == "RUNNING", 10, "a claim")

    with stack.replaced_while_frozen():
        stack.fail()
        state = stack.final_state(command)
    stack.call("POST", "/api/nodes/14/rename", {"new_name": f"thawed-{node_id}"})

    assert (state, stack.state(command)) == ("SUCCEEDED", "SUCCEEDED")
    assert stack.witness.effects(RENAME, str(node_id)) == 1


def test_a_message_that_the_broker_forgets(stack: Stack, node_id: int) -> None:
    stack.kill("worker")
    command = stack.rename(node_id)
    assert stack.state(command) == "QUEUED"

    redis.Redis.from_url(stack.broker_url).flushall()
    stack.heal()

    assert stack.final_state(command) == "SUCCEEDED"
    assert stack.witness.effects(RENAME, str(node_id)) == 1


@pytest.mark.parametrize("way", ["dead", "frozen"])
def test_a_broker_that_is_away_while_a_person_asks(stack: Stack, node_id: int, way: str) -> None:
    process = stack.broker.process
    assert process is not None
    process.send_signal(signal.SIGSTOP)
    if way == "dead":
        stack.broker.kill()
    started = time.monotonic()
    status, answer = stack.call(
        "POST", f"/api/nodes/{node_id}/rename", {"new_name": f"away-{node_id}"}
    )
    seconds = time.monotonic() - started
    process.send_signal(signal.SIGCONT)
    stack.heal()

    assert (status, answer["data"]["state"]) == (202, "REQUESTED")
    assert seconds < 1
    assert stack.final_state(answer["data"]["id"]) == "SUCCEEDED"
    assert stack.witness.effects(RENAME, str(node_id)) == 1


def test_a_message_that_comes_ten_times_more(stack: Stack, node_id: int) -> None:
    sender = celery.Celery(broker=stack.broker_url.replace("unix://", "redis+socket://"))
    sender.conf.broker_transport_options = {"global_keyprefix": "farmq."}
    stack.fail(Fault(f.SLOW, verb=RENAME, seconds=0.5, remaining=1))
    command = stack.rename(node_id)

    for _ in range(10):
        sender.send_task("network.tasks.execute_command", (command,), queue="commands")

    assert stack.final_state(command) == "SUCCEEDED"
    assert stack.witness.effects(RENAME, str(node_id)) == 1


def test_an_engine_that_makes_the_change_after_the_time_is_over(stack: Stack, node_id: int) -> None:
    # The program gives up after a second and a half; the engine needs twice that.
    stack.fail(Fault(f.LATE_EFFECT, verb=RENAME, seconds=3, remaining=1))
    command = stack.rename(node_id)
    until(lambda: stack.state(command) == "UNKNOWN", 10, "a time-out")
    effects_then = stack.witness.effects(RENAME, str(node_id))

    assert (effects_then, stack.final_state(command)) == (0, "SUCCEEDED")
    assert stack.witness.effects(RENAME, str(node_id)) == 1


def test_what_never_happens_ends_as_failed(stack: Stack, node_id: int) -> None:
    stack.fail(Fault(f.HANG, verb=RENAME))

    command = stack.rename(node_id)

    assert stack.final_state(command) == "FAILED"
    assert stack.witness.effects(RENAME, str(node_id)) == 0
