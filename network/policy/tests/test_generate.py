"""The policy of the house: the same bytes for the same pharmacies, in the cheapest shape."""

from dataclasses import replace

import pytest

from network.policy.evaluate import Evaluator
from network.policy.generate import Shape, generate, origin, shape_for
from network.policy.principals import StaffGroup, Tenant
from network.policy.reading import read_policy
from network.policy.sayings import PolicyError
from network.policy.tests.networks import A1, A2, ACCOUNTS, B1

TENANTS = (Tenant("pharm-b"), Tenant("pharm-a"))
STAFF = (StaffGroup("support", ("lee", "kim"), ("22", "5900-5910")),)
EXPECTED = """{
  "groups": {
    "group:support": ["kim@", "lee@"]
  },
  "acls": [
    {"action": "accept", "src": ["group:support"], "dst": ["*:22,5900-5910"]},
    {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:*"]}
  ],
  "tests": [
    {"src": "kim@", "accept": ["pharm-a@:22", "pharm-b@:22"]},
    {"src": "pharm-a@", "deny": ["pharm-b@:22", "kim@:22"]},
    {"src": "pharm-b@", "deny": ["pharm-a@:22", "kim@:22"]}
  ]
}
"""


def body(text: str) -> str:
    """What follows the two lines of the head."""
    return text.split("\n", 2)[2]


def test_the_whole_text() -> None:
    text = generate(TENANTS, STAFF, release=(0, 29), has_machines=("pharm-a", "pharm-b", "kim"))

    assert body(text) == EXPECTED


def test_the_order_of_what_is_given_does_not_matter() -> None:
    turned = [replace(group, users=group.users[::-1]) for group in STAFF[::-1]]
    machines = {"kim", "pharm-a", "pharm-b"}

    one = generate(TENANTS, STAFF, release=(0, 29), has_machines=machines)
    other = generate(TENANTS[::-1], turned, release=(0, 29), has_machines=sorted(machines))

    assert one == other


@pytest.mark.parametrize(
    ("release", "shape"),
    [
        (None, "HUB"),
        ((0, 26), "HUB"),
        ((0, 27), "HUB"),
        ((0, 28), "HUB_SELF"),
        ((0, 29), "HUB_SELF"),
        ((0, 30), "HUB_SELF"),
    ],
)
def test_the_shape_follows_the_release(release: tuple[int, int] | None, shape: Shape) -> None:
    text = generate(TENANTS, STAFF, release=release, has_machines=("kim", "pharm-a"))
    document = read_policy(text, release)

    assert shape_for(release) == shape
    assert ("autogroup:self" in text) is (shape == "HUB_SELF")
    assert ('"tests"' in text) is (release is not None and release >= (0, 29))
    assert not document.unknown


def test_a_rule_each_names_every_pharmacy() -> None:
    text = generate(TENANTS, (), release=(0, 26), shape="RULE_EACH")

    assert [rule.sources[0].text for rule in read_policy(text, (0, 26)).rules] == [
        "pharm-a@",
        "pharm-b@",
    ]


def test_a_group_may_reach_some_pharmacies_only() -> None:
    group = StaffGroup("night", ("kim",), ("*",), ("pharm-b",), "icmp")

    text = generate(TENANTS, [group], release=(0, 28))

    assert '{"action": "accept", "proto": "icmp", "src": ["group:night"],' in text
    assert '"dst": ["pharm-b@:*"]}' in text


@pytest.mark.parametrize("release", [None, (0, 27), (0, 28), (0, 29)])
def test_without_anybody_a_rule_section_stays(release: tuple[int, int] | None) -> None:
    text = generate((), (), release=release, shape="HUB")

    assert body(text) == '{\n  "acls": []\n}\n'


def test_0_26_gets_a_rule_that_lets_nobody_reach_anybody() -> None:
    tenants = (Tenant("a"), Tenant("b"))

    document = read_policy(generate(tenants, (), release=(0, 26)), (0, 26))

    ours = Evaluator(document, accounts=ACCOUNTS, machines=(A1, A2, B1))
    assert [rule.sources[0].text for rule in document.rules] == ["192.0.2.1"]
    assert not any(ours.may_reach(A1, other, 22) or ours.sees(A1, other) for other in (A2, B1))


def test_only_accounts_with_machines_are_tested() -> None:
    text = generate(TENANTS, STAFF, release=(0, 29), has_machines=("pharm-a",))

    assert '"tests"' not in text


def test_many_pharmacies_are_tested_in_a_ring() -> None:
    tenants = [Tenant(f"p{number:03}") for number in range(100)]

    text = generate(tenants, (), release=(0, 29), has_machines=[one.user for one in tenants])
    tests = read_policy(text, (0, 29)).tests

    assert len(tests) == 100
    assert tests[0].deny == ("p001@:22", "p099@:22")


@pytest.mark.parametrize("name", ['a"b', "a\\b", "a\nb"])
def test_names_that_the_engines_tests_cannot_spell_are_left_out_there(name: str) -> None:
    text = generate([Tenant(name), *TENANTS], (), release=(0, 29), has_machines=(name, "pharm-a"))

    assert read_policy(text, (0, 29)).tests == ()


@pytest.mark.parametrize("name", ["한글 약국", "a,b", "a:22", "x@y.z", "<b>", "-dash", "a@@", "\0"])
def test_strange_names_stand_for_themselves(name: str) -> None:
    text = generate([Tenant(name)], (), release=(0, 28), shape="RULE_EACH")
    rule = read_policy(text, (0, 28)).rules[0]

    assert (rule.sources[0].kind, rule.sources[0].text) == ("user", f"{name}@")
    assert rule.destinations[0].alias.text == f"{name}@"


@pytest.mark.parametrize(
    ("tenants", "group", "code"),
    [
        ((Tenant("a"), Tenant("a")), StaffGroup("s", ("k",)), "shared_user"),
        ((Tenant("a"), Tenant("b"), Tenant("a")), StaffGroup("s", ("k",)), "shared_user"),
        ((Tenant("a"),), StaffGroup("s", ("a",)), "staff_is_pharmacy"),
        ((Tenant("a"),), StaffGroup("s", ("k",), pharmacies=("b",)), "unknown_pharmacy"),
        ((Tenant(""),), StaffGroup("s", ("k",)), "unusable_name"),
        ((Tenant("fe80::1%a"),), StaffGroup("s", ("k",)), "unusable_name"),
        ((Tenant("[a"),), StaffGroup("s", ("k",)), "unusable_name"),
        ((Tenant("\ud800"),), StaffGroup("s", ("k",)), "unusable_name"),
        ((Tenant("a"),), StaffGroup("s", ("",)), "unusable_name"),
        ((Tenant("a"),), StaffGroup("S", ("k",)), "unusable_group"),
        ((Tenant("a"),), StaffGroup("s", ("k",), ()), "unusable_group"),
        ((Tenant("a"),), StaffGroup("s", ("k",), ("x",)), "unusable_group"),
        ((Tenant("a"),), StaffGroup("s", ("k",), ("22",), protocol="icmp"), "unusable_group"),
    ],
)
def test_what_cannot_be_is_refused(
    tenants: tuple[Tenant, ...], group: StaffGroup, code: str
) -> None:
    with pytest.raises(PolicyError) as caught:
        generate(tenants, [group], release=(0, 28))

    assert caught.value.code == code


@pytest.mark.parametrize("release", [None, (0, 26)])
def test_self_is_refused_where_it_is_not_known(release: tuple[int, int] | None) -> None:
    with pytest.raises(PolicyError) as caught:
        generate(TENANTS, STAFF, release=release, shape="HUB_SELF")

    assert caught.value.code == "self_unknown"


def test_whose_text_it_is() -> None:
    text = generate(TENANTS, STAFF, release=(0, 28))

    assert origin(text) == "OURS"
    assert origin(text.replace("22", "23")) == "EDITED"
    assert origin(text + "\n") == "EDITED"
    assert origin(body(text)) == "FOREIGN"
    assert origin("") == "FOREIGN"
