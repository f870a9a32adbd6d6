"""A small network of real clients on a real engine, seen with the eyes of our policy code."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from network.policy.evaluate import Evaluator
from network.policy.making import make_policy
from network.policy.principals import (
    Account,
    Machine,
    StaffGroup,
    Tenant,
    accounts_of,
    machine_of,
)
from network.policy.reading import read_policy
from network.policy.sides import Parties
from tests.real_headscale.clients import Filter, is_told, join_all, peers_of
from tests.real_headscale.desk import Desk
from tests.real_headscale.engine import Client, Engine, wait_until

# Two machines of each of two pharmacies, of which one leads to a local network; one of our people.
OWNERS = {"a1": "pharm-a", "a2": "pharm-a", "b1": "pharm-b", "b2": "pharm-b", "desk": "staff"}
LOCAL = "192.168.77.0/24"
TENANTS = (Tenant("pharm-a", "가 약국"), Tenant("pharm-b", "나 약국"))
STAFF = (StaffGroup("support", ("staff",)),)
PARTIES = Parties(TENANTS, STAFF)
SETTLE_S = 25
PROBES = tuple(itertools.product((1, 22, 80, 443, 5905, 8080), (("tcp", 6), ("udp", 17))))


@dataclass(frozen=True)
class Stage:
    """An engine with real clients, and the network as our code reads it from the engine's lists.

    Every test sets a policy of its own; `at_first` is what differed while the engine had none.
    """

    desk: Desk
    clients: dict[str, Client]
    accounts: tuple[Account, ...]
    machines: dict[str, Machine]
    at_first: list[str] = field(default_factory=list)

    def evaluator(self, text: str) -> Evaluator:
        document = read_policy(text, self.desk.release)
        return Evaluator(document, accounts=self.accounts, machines=tuple(self.machines.values()))

    def pairs(self) -> Iterator[tuple[str, str]]:
        return itertools.permutations(self.machines, 2)

    def differences(self, text: str) -> list[str]:
        """Compare what clients have now with what we say of a text."""
        ours, found = self.evaluator(text), []
        for name, client in self.clients.items():
            told, machine = peers_of(client), self.machines[name]
            said = frozenset(one.addresses[0] for one in ours.peers(machine))
            # A connected client need not hear that nobody is left to see; nothing passes then.
            if told != said and said:
                found.append(f"{name} was told of {sorted(told)}, we say {sorted(said)}")
            found += self._of_filter(ours, name, Filter(client))
        return found

    def _of_filter(self, ours: Evaluator, target: str, theirs: Filter) -> Iterator[str]:
        there = self.machines[target]
        for source, (port, (word, number)) in itertools.product(self.machines, PROBES):
            here = self.machines[source]
            if here is there:
                continue
            lets = theirs.lets(here.addresses[0], there.addresses[0], port, number)
            if lets is not ours.may_reach(here, there, port, word):
                yield f"{source} to {target} {word} {port}: the client says {lets}"

    def settles_as(self, text: str) -> list[str]:
        """Wait until clients have what we say of a text; returns what differs to the end."""
        started = time.monotonic()
        found = self.differences(text)
        while found and time.monotonic() - started < SETTLE_S:
            time.sleep(0.5)
            found = self.differences(text)
        return found

    def told_anew(self) -> dict[str, frozenset[str]]:
        """Let every client connect anew; returns whom each of them is told of then."""
        for client in self.clients.values():
            client.stop()
            client.start()
        told = {}
        for name, client in self.clients.items():
            wait_until(partial(is_told, client), SETTLE_S)
            told[name] = peers_of(client)
        return told


def set_stage(engine: Engine, desk: Desk) -> Stage:
    """Let the clients join, and approve the one route."""
    users = {name: desk.client.create_user(name) for name in dict.fromkeys(OWNERS.values())}
    keys: dict[str, tuple[str, tuple[str, ...]]] = {}
    for name, owner in OWNERS.items():
        more = (f"--advertise-routes={LOCAL}",) if name == "b2" else ()
        keys[name] = (desk.client.create_preauth_key(users[owner].id).key, more)
    clients = join_all(engine, keys)
    router = next(node for node in desk.client.nodes() if node.given_name == "b2")
    desk.client.approve_routes(router.id, (LOCAL,))
    machines = {node.given_name: machine_of(node) for node in desk.client.nodes()}
    accounts = accounts_of(desk.client.users())
    stage = Stage(desk, clients, accounts, {name: machines[name] for name in OWNERS})
    stage.at_first.extend(stage.settles_as("{}"))
    return stage


def made_for(stage: Stage) -> str:
    """The policy of the house for this network, proven."""
    verdict = make_policy(
        PARTIES,
        release=stage.desk.release,
        accounts=stage.accounts,
        machines=tuple(stage.machines.values()),
    )
    return verdict.text
