"""What a policy lets through, against the recordings and the engine's sources."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.headscale.simulator import policies as simulated
from network.headscale.simulator.policy_tests import failed_tests
from network.headscale.simulator.records import Node, User
from network.headscale.simulator.releases import release_named
from network.policy.evaluate import Evaluator
from network.policy.principals import Account, Machine
from network.policy.tests.networks import (
    A1,
    A2,
    ACCOUNTS,
    B1,
    B2,
    HUB,
    HUB_RULE_EACH,
    HUB_SELF,
    MACHINES,
    S1,
    evaluator,
    rules,
)

EVERYONE, PHARMACY_A = "a2 b1 b2 staff", "a2 staff"


def peers(judge: Evaluator, machine: Machine) -> str:
    """Whom a machine is told about, by the beginnings of their names."""
    return " ".join(one.name.removesuffix("-pc") for one in judge.peers(machine))


@pytest.mark.parametrize("release", [(0, 28), (0, 29)])
@pytest.mark.parametrize(
    ("text", "of_a", "of_staff"),
    [
        ("", EVERYONE, "a1 a2 b1 b2"),
        ("{}", EVERYONE, "a1 a2 b1 b2"),
        ('{"acls": null}', EVERYONE, "a1 a2 b1 b2"),
        ('{"groups": {"group:x": ["a@"]}}', EVERYONE, "a1 a2 b1 b2"),
        (HUB_SELF, PHARMACY_A, "a1 a2 b1 b2"),
        (HUB_RULE_EACH, PHARMACY_A, "a1 a2 b1 b2"),
        (HUB, "staff", "a1 a2 b1 b2"),
        ('{"acls": []}', "", ""),
    ],
)
def test_peers_are_those_that_real_clients_were_given(
    text: str, release: tuple[int, int], of_a: str, of_staff: str
) -> None:
    judge = evaluator(text, release=release)

    assert (peers(judge, A1), peers(judge, S1)) == (of_a, of_staff)


def test_a_packet_passes_in_one_direction_and_on_its_ports() -> None:
    judge = evaluator(HUB_SELF)

    assert judge.may_reach(S1, A1, 22)
    assert not judge.may_reach(A1, S1, 22)
    assert not judge.may_reach(S1, A1, 23)
    assert judge.may_reach(A1, A2, 23)
    assert not judge.may_reach(A1, B1, 22)
    assert judge.may_reach(A1, A1, 1)


@pytest.mark.parametrize(
    ("protocol", "release", "named", "passes"),
    [
        ("udp", (0, 28), "", True),
        ("sctp", (0, 28), "", False),
        ("icmp", (0, 28), "", True),
        ("icmp", (0, 28), "tcp", True),
        ("udp", (0, 28), "tcp", False),
        ("gre", (0, 28), "47", True),
        ("tcp", (0, 28), "47", False),
        ("igmp", (0, 29), "", False),
    ],
)
def test_protocols(protocol: str, release: tuple[int, int], named: str, passes: bool) -> None:
    text = (
        f'{{"acls": [{{"action": "accept", "proto": "{named}", "src": ["a@"], "dst": ["b@:*"]}}]}}'
    )

    assert evaluator(text, release=release).may_reach(A1, B1, 7, protocol) is passes


@pytest.mark.parametrize(
    ("source", "target", "of_a"),
    [
        ("a@", "b@:*", "b1 b2"),
        ("b@", "a@:*", "b1 b2"),
        ("group:x", "b@:*", "b1 b2"),
        ("ghost@", "*:*", ""),
        ("100.64.0.1", "b@:*", "b1 b2"),
        ("fd7a:115c:a1e0::1", "b@:*", "b1 b2"),
        ("100.64.0.0/30", "staff@:*", "staff"),
        ("a@", "printer:*", "b1"),
        ("a@", "100.64.0.4/31:*", "b2 staff"),
        ("autogroup:member", "staff@:*", "staff"),
        ("autogroup:tagged", "a@:*", ""),
        ("a@", "10.0.0.0/8:*", ""),
        ("autogroup:member", "autogroup:internet:*", ""),
        ("autogroup:danger-all", "b@:1", "b1 b2"),
        ("*", "b@:1", "b1 b2"),
    ],
)
def test_words_stand_for_machines(source: str, target: str, of_a: str) -> None:
    named = '{"groups": {"group:x": ["a@"]}, "hosts": {"printer": "100.64.0.3"},'
    text = named + rules((source, target))[1:]

    assert peers(evaluator(text, release=(0, 29)), A1) == of_a


def test_a_tagged_machine_leaves_its_user() -> None:
    tagged = replace(A2, account_id=0, tags=("tag:kiosk",))
    machines = (A1, tagged, B1, B2, S1)

    assert peers(evaluator(HUB_SELF, machines=machines), A1) == "staff"
    assert peers(evaluator(HUB_SELF, machines=machines), tagged) == "staff"
    by_tag = evaluator(rules(("a@", "tag:kiosk:*")), machines=machines)
    assert peers(by_tag, A1) == "a2"
    of_all = evaluator(rules(("autogroup:tagged", "b@:*")), machines=machines)
    assert peers(of_all, tagged) == "b1 b2"


def test_before_0_28_a_tagged_machine_with_a_user_is_none_of_its_own() -> None:
    tagged = replace(A2, tags=("tag:kiosk",))

    judge = evaluator(HUB_SELF, release=(0, 27), machines=(A1, tagged, B1, B2, S1))

    assert peers(judge, A1) == "staff"


def test_a_name_that_two_accounts_answer_to_is_nobody() -> None:
    accounts = (*ACCOUNTS, Account(4, "other", email="a"))
    document = evaluator(rules(("a@", "b@:*"))).document

    judge = Evaluator(document, accounts=accounts, machines=MACHINES)

    assert peers(judge, A1) == ""


def test_a_providers_identifier_comes_before_a_name() -> None:
    accounts = (*ACCOUNTS, Account(4, "x", provider_id="a"))
    stranger = Machine(9, 4, ("100.64.0.9",), name="x-pc")
    document = evaluator(rules(("a@", "b@:*"))).document

    judge = Evaluator(document, accounts=accounts, machines=(*MACHINES, stranger))

    assert peers(judge, stranger) == "b1 b2"
    assert peers(judge, A1) == ""


def test_a_route_shows_its_router() -> None:
    router = replace(B1, routes=("192.168.7.0/24",))
    machines = (A1, A2, router, B2, S1)

    judge = evaluator(rules(("a@", "192.168.0.0/16:*")), machines=machines)

    assert peers(judge, A1) == "b1"
    assert not judge.may_reach(A1, router, 22)
    assert [opening.rule.number for opening in judge.rules_between(A1, router) if opening.rule] == [
        1
    ]


@pytest.mark.parametrize(("release", "seen"), [((0, 26), "b1"), ((0, 28), ""), ((0, 29), "")])
def test_up_to_0_26_the_way_out_is_a_route_like_any_other(
    release: tuple[int, int], seen: str
) -> None:
    gate = replace(B1, routes=("0.0.0.0/0", "::/0"))

    judge = evaluator(rules(("a@", "10.9.0.0/16:*")), release=release, machines=(A1, gate))

    assert peers(judge, A1) == seen


@pytest.mark.parametrize("target", ["autogroup:internet", "*", "0.0.0.0/0"])
def test_who_may_go_out_sees_the_way_out(target: str) -> None:
    gate = replace(B1, routes=("0.0.0.0/0", "::/0"))

    judge = evaluator(rules(("a@", f"{target}:*")), machines=(A1, gate))

    assert peers(judge, A1) == "b1"


@pytest.mark.parametrize(("release", "seen"), [((0, 28), "staff"), ((0, 29), "a2 b1 b2 staff")])
def test_from_0_29_a_route_over_a_source_makes_its_router_one(
    release: tuple[int, int], seen: str
) -> None:
    thief = replace(A1, routes=("100.64.0.5/32",))

    judge = evaluator(HUB, release=release, machines=(thief, A2, B1, B2, S1))

    assert peers(judge, thief) == seen


def test_a_grant_by_way_of_a_tag_shows_only_that_router() -> None:
    router = replace(B1, account_id=0, tags=("tag:gate",), routes=("10.7.0.0/16",))
    other = replace(B2, routes=("10.7.0.0/16",))
    text = """{"tagOwners": {"tag:gate": ["b@"]}, "grants": [
        {"src": ["a@"], "dst": ["10.7.1.0/24"], "ip": ["*"], "via": ["tag:gate"]}]}"""

    judge = evaluator(text, release=(0, 29), machines=(A1, router, other))

    assert peers(judge, A1) == "b1"


def test_a_grant_for_an_app_shows_and_opens_nothing() -> None:
    text = '{"grants": [{"src": ["a@"], "dst": ["b@"], "app": {"x.com/y": []}}]}'

    judge = evaluator(text, release=(0, 29))

    assert peers(judge, A1) == "b1 b2"
    assert not judge.may_reach(A1, B1, 443)
    assert not judge.may_reach(A1, B1, 0, "icmp")


NAMES = st.sampled_from(["*", "a@", "b@", "staff@", "ghost@", "autogroup:member", "100.64.0.1"])
PORTS = st.sampled_from(["*", "22", "80-90", "22,443"])


@given(
    st.lists(st.tuples(NAMES, NAMES, PORTS), max_size=4),
    st.sampled_from(["22", "85", "443", "1"]),
)
def test_the_simulated_engine_judges_alike(parts: list[tuple[str, str, str]], port: str) -> None:
    """Two hands, one engine: the simulator shares nothing with this package."""
    text = rules(*((source, f"{target}:{ports}") for source, target, ports in parts))
    release = release_named("0.29.2")
    users = [User(account.id, account.name, 0) for account in ACCOUNTS]
    nodes = [
        Node(one.id, "", "", "", one.id, one.name, one.name, one.account_id, 0, None, 0)
        for one in (A1, B1, S1)
    ]
    document = dict(simulated.read(release, text)) | {
        "tests": [
            {"src": f"{one.name}@", "accept": [f"{other.name}@:{port}"]}
            for one in ACCOUNTS
            for other in ACCOUNTS
            if one != other
        ]
    }
    denied = failed_tests(release, document, users, nodes).splitlines()[1:]

    judge = evaluator(text, release=(0, 29), machines=(A1, B1, S1))

    by_name = {"a": A1, "b": B1, "staff": S1}
    assert denied == [
        f"{one}@ -> {other}@:{port}: expected ALLOWED, got DENIED"
        for one in by_name
        for other in by_name
        if one != other and not judge.may_reach(by_name[one], by_name[other], int(port))
    ]
