"""What our evaluator says of a policy is what real clients are given, for every ordered pair."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from network.headscale.client import RejectedError
from network.policy.evaluate import Evaluator
from network.policy.generate import generate
from network.policy.making import make_policy
from network.policy.principals import (
    Account,
    Machine,
    StaffGroup,
    Tenant,
    accounts_of,
    machine_of,
)
from network.policy.proof import prove
from network.policy.reading import read_policy
from network.policy.sides import Parties
from tests.real_headscale.clients import Filter, join_all, peers_of, reaches, served
from tests.real_headscale.conftest import started
from tests.real_headscale.desk import Desk
from tests.real_headscale.engine import Client, Engine
from tests.real_headscale.stun import stun_server

pytestmark = [pytest.mark.real_headscale, pytest.mark.timeout(300)]

# Two machines of each of two pharmacies, one of which leads to its local network; one of our people.
OWNERS = {"a1": "pharm-a", "a2": "pharm-a", "b1": "pharm-b", "b2": "pharm-b", "desk": "staff"}
LOCAL = "192.168.77.0/24"
TENANTS = (Tenant("pharm-a", "가 약국"), Tenant("pharm-b", "나 약국"))
STAFF = (StaffGroup("support", ("staff",)),)
PARTIES = Parties(TENANTS, STAFF)
SETTLE_S, PATH_S = 30, 90
SERVED = (22, 8080)
PROBES = tuple(itertools.product((1, 22, 80, 443, 5905, 8080), (("tcp", 6), ("udp", 17))))
RULE = '{"action": "accept", "src": ["%s"], "dst": ["%s"]}'
OPEN_TO_EACH_OTHER = RULE % ("pharm-a@", "pharm-b@:22")


@dataclass(frozen=True)
class Stage:
    """An engine with real clients, and the network as our code reads it from the engine's lists."""

    desk: Desk
    clients: dict[str, Client]
    accounts: tuple[Account, ...]
    machines: dict[str, Machine]

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
            if told != said:
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


@pytest.fixture(scope="module")
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    with stun_server() as port, started(request.param, port) as running:
        yield running


@pytest.fixture(scope="module")
def stage(engine: Engine, desk_of: Desk) -> Iterator[Stage]:
    if "FARMQ_TEST_TAILSCALED" not in os.environ:
        pytest.skip("no tailscaled named")
    desk = desk_of
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
    yield Stage(desk, clients, accounts, {name: machines[name] for name in OWNERS})
    for client in clients.values():
        client.stop()


def made_for(stage: Stage) -> str:
    """The policy of the house for this network, proven."""
    verdict = make_policy(
        PARTIES,
        release=stage.desk.release,
        accounts=stage.accounts,
        machines=tuple(stage.machines.values()),
    )
    return verdict.text


def policies(stage: Stage) -> dict[str, str]:
    """Policies of every kind that this release knows; neighbours mean different things."""
    release = stage.desk.release
    few = StaffGroup("few", ("staff",), ("22", "5900-5910"), ("pharm-a",), "tcp")
    found = {
        "no rules": "{}",
        "closed": '{"acls": []}',
        "rule each": generate(TENANTS, STAFF, release=release, shape="RULE_EACH"),
        "hub": generate(TENANTS, STAFF, release=release, shape="HUB"),
        "few": generate(TENANTS, (few,), release=release, shape="RULE_EACH"),
        "route": f'{{"acls": [{RULE % ("staff@", f"{LOCAL}:80")}]}}',
        "range": f'{{"acls": [{RULE % ("100.64.0.0/10", "pharm-a@:80,443")}]}}',
        "host": f'{{"hosts": {{"desk": "{stage.machines["desk"].addresses[0]}"}}, '
        f'"acls": [{RULE % ("pharm-b@", "desk:*")}]}}',
        "one way": f'{{"acls": [{OPEN_TO_EACH_OTHER}]}}',
    }
    if stage.desk.since(27):
        found["self"] = f'{{"acls": [{RULE % ("autogroup:member", "autogroup:self:80")}]}}'
        found["members"] = f'{{"acls": [{RULE % ("staff@", "autogroup:member:443")}]}}'
        found["hub and self"] = generate(TENANTS, STAFF, release=release, shape="HUB_SELF")
    if stage.desk.since(29):
        grant = '{"src": ["staff@"], "dst": ["pharm-b@"], "ip": ["udp:443", "tcp:8080"]}'
        found["grants"] = f'{{"grants": [{grant}]}}'
    return found


def test_clients_have_what_we_say_of_every_policy(stage: Stage) -> None:
    found = {"none at all": stage.settles_as("{}")}
    for name, text in policies(stage).items():
        stage.desk.client.set_policy(text)
        found[name] = stage.settles_as(text)

    assert {name: differences for name, differences in found.items() if differences} == {}


def test_the_policy_of_the_house_isolates_real_clients(stage: Stage) -> None:
    text = made_for(stage)

    stage.desk.client.check_policy(text)
    stage.desk.client.set_policy(text)

    assert stage.settles_as(text) == []
    addresses = {name: machine.addresses[0] for name, machine in stage.machines.items()}
    for name, client in stage.clients.items():
        strangers = {addresses[one] for one in OWNERS if OWNERS[one] != OWNERS[name] != "staff"}
        assert not (strangers - {addresses["desk"]}) & peers_of(client), name


def test_connections_get_through_where_we_say_and_nowhere_else(stage: Stage) -> None:
    text = made_for(stage)
    stage.desk.client.set_policy(text)
    assert stage.settles_as(text) == []
    ours, machines = stage.evaluator(text), stage.machines
    asked = [(*pair, port) for pair in stage.pairs() for port in SERVED]
    let_through = [one for one in asked if _is_let_through(ours, machines, *one)]

    def gets_through(one: tuple[str, str, int]) -> bool:
        source, target, port = one
        return reaches(stage.clients[source], machines[target], port)

    def gets_through_in_the_end(one: tuple[str, str, int]) -> bool:
        """Clients need half a minute to find the way to each other."""
        until = time.monotonic() + PATH_S
        while time.monotonic() < until:
            if gets_through(one):
                return True
        return False

    with served(SERVED), ThreadPoolExecutor(12) as pool:
        assert all(pool.map(gets_through_in_the_end, let_through))
        through = list(pool.map(gets_through, asked))

    assert [one for one, got in zip(asked, through, strict=True) if got] == let_through
    assert 0 < len(let_through) < len(asked)


def _is_let_through(
    ours: Evaluator, machines: dict[str, Machine], source: str, target: str, port: int
) -> bool:
    return ours.may_reach(machines[source], machines[target], port)


def test_the_engine_s_own_tests_agree_with_the_proof(stage: Stage) -> None:
    text, desk = made_for(stage), stage.desk
    opened = text.replace('"acls": [\n', f'"acls": [\n    {OPEN_TO_EACH_OTHER},\n')
    assert opened != text
    proof = prove(
        read_policy(opened, desk.release),
        PARTIES,
        accounts=stage.accounts,
        machines=tuple(stage.machines.values()),
    )

    desk.client.check_policy(text)

    assert not proof.is_proven
    assert ('"tests"' in text) is desk.since(29)
    if not desk.since(29):
        desk.client.check_policy(opened)
        return
    for ask in (desk.client.check_policy, desk.client.set_policy):
        with pytest.raises(RejectedError) as refused:
            ask(opened)
        assert refused.value.reason == "policy_tests_failed"
