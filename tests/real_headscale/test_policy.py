"""What our evaluator says of a policy is what real clients are given, for every ordered pair."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from network.headscale.client import RejectedError
from network.policy.evaluate import Evaluator
from network.policy.generate import generate
from network.policy.principals import Machine, StaffGroup
from network.policy.proof import prove
from network.policy.reading import read_policy
from tests.real_headscale.clients import peers_of, reaches, served
from tests.real_headscale.engine import Engine, wait_until
from tests.real_headscale.stage import LOCAL, OWNERS, PARTIES, STAFF, TENANTS, Stage, made_for

pytestmark = [pytest.mark.real_headscale, pytest.mark.timeout(300)]

SERVED = (22, 8080)
PATH_S = 90
RULE = '{"action": "accept", "src": ["%s"], "dst": ["%s"]}'
OPEN_TO_EACH_OTHER = RULE % ("pharm-a@", "pharm-b@:22")


def policies(stage: Stage) -> dict[str, str]:
    """Policies of every kind that this release knows; neighbours mean different things."""
    release = stage.desk.release
    few = StaffGroup("few", ("staff",), ("22", "5900-5910"), ("pharm-a",), "tcp")
    found = {
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
    if stage.desk.since(28):
        found["hub and self"] = generate(TENANTS, STAFF, release=release, shape="HUB_SELF")
    if stage.desk.since(29):
        grant = '{"src": ["staff@"], "dst": ["pharm-b@"], "ip": ["udp:443", "tcp:8080"]}'
        found["grants"] = f'{{"grants": [{grant}]}}'
    return found


def test_clients_have_what_we_say_of_every_policy(stage: Stage) -> None:
    found = {"none at all": stage.at_first}
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


# What opens everything, and what closes it.


@pytest.mark.parametrize(
    "text", ["{}", '{"acls": null}', '{"groups": {"group:desk": ["staff@"]}}', "null"]
)
def test_a_policy_without_rules_opens_everything_at_once(stage: Stage, text: str) -> None:
    closed = '{"acls": []}'
    stage.desk.client.set_policy(closed)
    assert stage.settles_as(closed) == []

    stage.desk.client.set_policy(text)

    # 0.26 lets nothing pass then, and nobody hears of anybody.
    assert stage.settles_as("{}" if stage.desk.since(27) else closed) == []
    stage.desk.trap("a policy without rules opens everything at once", stage.desk.since(27))


def test_the_empty_text_opens_everything_at_the_next_restart(stage: Stage, engine: Engine) -> None:
    text = made_for(stage)
    stage.desk.client.set_policy(text)
    assert stage.settles_as(text) == []

    done = stage.desk.call("policy", "set", "-f", "/dev/stdin", stdin="")

    assert done.stdout == b"Policy updated.\n"
    time.sleep(3)
    assert stage.differences(text) == []
    engine.stop()
    engine.start()
    assert stage.settles_as("{}") == []
    stage.desk.trap("the empty text opens everything at the next restart", True)


def test_0_26_tells_of_everybody_where_there_is_no_rule_at_all(stage: Stage) -> None:
    """Nothing passes either way; but the made policy shall not tell of strangers' machines."""
    if stage.desk.since(27):
        return
    closed, made = '{"acls": []}', generate(TENANTS, (), release=stage.desk.release)
    stage.desk.client.set_policy(closed)
    assert stage.settles_as(closed) == []
    everybody = stage.told_anew()

    stage.desk.client.set_policy(made)

    assert stage.settles_as(made) == []
    assert {len(told) for told in everybody.values()} == {len(OWNERS) - 1}
    assert set(stage.told_anew().values()) == {frozenset()}


def test_no_grants_close_everything(stage: Stage) -> None:
    if not stage.desk.since(29):
        return
    text = '{"grants": []}'
    stage.desk.client.set_policy("{}")
    assert stage.settles_as("{}") == []

    stage.desk.client.set_policy(text)

    assert stage.settles_as(text) == []


def test_grants_alone_are_a_policy_without_rules_in_0_26(stage: Stage) -> None:
    if stage.desk.since(27):
        return
    text = made_for(stage)
    stage.desk.client.set_policy(text)
    assert stage.settles_as(text) == []

    stage.desk.client.set_policy('{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}')

    assert stage.settles_as('{"acls": []}') == []


def test_beside_self_0_27_tells_only_one_of_two(stage: Stage) -> None:
    row = "beside autogroup:self, machines are not told of the staff that reach them"
    stage.desk.trap(row, stage.desk.release == (0, 27))
    if stage.desk.release != (0, 27):
        return
    text = generate(TENANTS, STAFF, release=(0, 27), shape="HUB_SELF")
    other = stage.machines["a2"].addresses[0]

    stage.desk.client.set_policy(text)

    wait_until(lambda: len(peers_of(stage.clients["desk"])) == len(OWNERS) - 1, 60)
    wait_until(lambda: peers_of(stage.clients["a1"]) == {other}, 60)
    assert "autogroup:self" not in made_for(stage)
