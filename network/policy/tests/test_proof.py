"""Isolation is proven for every ordered pair, or a hole is named."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.policy.evaluate import Evaluator
from network.policy.generate import Shape, generate
from network.policy.principals import Account, Machine, StaffGroup, Tenant
from network.policy.proof import NotIsolatedError, Proof, prove, require
from network.policy.sides import Parties
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
    PARTIES,
    S1,
    document,
    fleet,
    rules,
)

RELEASES = st.sampled_from([(0, 26), (0, 27), (0, 28), (0, 29), (0, 30)])


def proof(
    text: str,
    *,
    release: tuple[int, int] = (0, 29),
    machines: tuple[Machine, ...] = MACHINES,
    accounts: tuple[Account, ...] = ACCOUNTS,
    parties: Parties = PARTIES,
) -> Proof:
    """The proof of a text in the small network."""
    return prove(document(text, release), parties, accounts=accounts, machines=machines)


def codes(found: Proof) -> set[str]:
    """What kinds of holes there are."""
    return {hole.code for hole in found.holes}


@pytest.mark.parametrize("text", [HUB, HUB_SELF, HUB_RULE_EACH])
@pytest.mark.parametrize("machines", [MACHINES, ()])
def test_what_isolates_is_proven(text: str, machines: tuple[Machine, ...]) -> None:
    found = proof(text, machines=machines)

    assert found.is_proven
    assert (found.pairs, found.denied, found.holes, found.missing) == (2, 2, (), ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {"open", "pharmacy_to_pharmacy", "pharmacy_to_staff"}),
        ("{}", {"open", "pharmacy_to_pharmacy", "pharmacy_to_staff"}),
        (rules(("*", "*:443")), {"pharmacy_to_pharmacy", "pharmacy_to_staff"}),
        (rules(("a@", "b@:1")), {"pharmacy_to_pharmacy"}),
        (rules(("autogroup:member", "autogroup:member:1")), None),
        (rules(("100.64.0.1", "100.64.0.3:22")), {"pharmacy_to_pharmacy"}),
        (rules(("a@", "100.64.0.0/29:1")), {"pharmacy_to_pharmacy", "pharmacy_to_staff"}),
        (rules(("a@", "staff@:1")), {"pharmacy_to_staff"}),
        # A long s is an s to the engine.
        (rules(("*", "*:443")).replace("acls", "acl\u017f"), {"pharmacy_to_pharmacy"}),
        ('{"grants": [{"src": ["a@"], "dst": ["b@"], "app": {"x.com/y": []}}]}', None),
    ],
)
def test_a_hole_is_found_and_told(text: str, expected: set[str] | None) -> None:
    found = proof(text)

    assert not found.is_proven
    assert codes(found) >= (expected or {"pharmacy_to_pharmacy"})
    with pytest.raises(NotIsolatedError) as caught:
        require(found)
    assert caught.value.code == "not_proven"


def test_a_hole_names_both_pharmacies_and_the_rule() -> None:
    found = proof(rules(("staff@", "*:22"), ("b@", "a@:443")))

    assert found.holes[0].values == {
        "source": "나 약국",
        "target": "가 약국",
        "place": "acls 2",
        "rule": "b@ → a@",
    }
    assert (found.pairs, found.denied, found.hole_count) == (2, 1, 1)


def test_a_shared_tag_is_a_hole_before_anybody_wears_it() -> None:
    text = """{"tagOwners": {"tag:pc": ["group:all"]}, "groups": {"group:all": ["a@", "b@"]},
        "acls": [{"action": "accept", "src": ["tag:pc"], "dst": ["tag:pc:*"]}]}"""

    assert codes(proof(text)) == {"pharmacy_to_pharmacy"}


def test_an_address_that_nobody_has_yet_may_be_anybodys() -> None:
    assert codes(proof(rules(("100.64.0.77", "a@:22")))) >= {"pharmacy_to_pharmacy"}


def test_a_tagged_machine_belongs_to_the_pharmacy_it_is_linked_to() -> None:
    kiosk = replace(A2, account_id=0, tags=("tag:kiosk",), pharmacy="a")
    text = '{"tagOwners": {"tag:kiosk": ["staff@"]},' + rules(("tag:kiosk", "b@:1"))[1:]

    found = proof(text, machines=(A1, kiosk, B1, B2, S1))

    assert "pharmacy_to_pharmacy" in codes(found)


def test_a_machine_linked_to_another_pharmacy_than_its_account_is_a_hole() -> None:
    moved = replace(A2, pharmacy="b")

    assert codes(proof(HUB_SELF, machines=(A1, moved, B1, B2, S1))) == {"pharmacy_to_pharmacy"}
    assert proof(HUB, machines=(A1, moved, B1, B2, S1)).is_proven


def test_a_route_over_addresses_of_ours_is_a_hole_from_0_29_on() -> None:
    thief = replace(A1, routes=("100.64.0.0/24",))
    machines = (thief, A2, B1, B2, S1)

    assert proof(HUB, release=(0, 28), machines=machines).is_proven
    assert "pharmacy_to_pharmacy" in codes(proof(HUB, release=(0, 29), machines=machines))


def test_one_way_out_for_all_is_a_hole() -> None:
    gate = replace(B1, routes=("0.0.0.0/0",))
    text = rules(("autogroup:member", "autogroup:internet:*"))

    assert proof(text).is_proven
    assert "pharmacy_to_pharmacy" in codes(proof(text, machines=(A1, A2, gate, B2, S1)))


def test_strangers_reach_no_pharmacy_unless_they_are_trusted() -> None:
    accounts = (*ACCOUNTS, Account(8, "watch"))
    text = rules(("watch@", "*:22"))

    assert codes(proof(text, accounts=accounts)) == {"other_to_pharmacy"}
    trusted = replace(PARTIES, trusted=("watch",))
    assert proof(text, accounts=accounts, parties=trusted).is_proven


def test_what_pharmacies_reach_besides_is_remarked() -> None:
    found = proof(rules(("a@", "print@:9100")), accounts=(*ACCOUNTS, Account(8, "print")))

    assert found.is_proven
    assert [one.code for one in found.remarks] == ["pharmacy_to_other"]


@pytest.mark.parametrize(
    ("accounts", "parties", "code"),
    [
        (ACCOUNTS, replace(PARTIES, pharmacies=(Tenant("a"), Tenant("a"))), "shared_user"),
        ((*ACCOUNTS, Account(8, "x", email="a")), PARTIES, "taken_name"),
        ((*ACCOUNTS, Account(8, "x", provider_id="a")), PARTIES, "taken_name"),
        (ACCOUNTS, replace(PARTIES, staff=(StaffGroup("s", ("a",)),)), "staff_is_pharmacy"),
    ],
)
def test_names_that_mean_more_than_one_prove_nothing(
    accounts: tuple[Account, ...], parties: Parties, code: str
) -> None:
    assert code in codes(proof(HUB_SELF, accounts=accounts, parties=parties))


def test_promises_that_are_not_kept_are_told() -> None:
    found = prove(document(HUB), PARTIES, accounts=ACCOUNTS, machines=MACHINES, own=True)
    empty = prove(document('{"acls": []}'), PARTIES, accounts=ACCOUNTS, machines=MACHINES)

    assert [one.code for one in found.missing] == ["own_apart", "own_apart"]
    assert [one.code for one in empty.missing] == ["staff_shut_out", "staff_shut_out"]
    assert found.is_proven
    assert empty.is_proven


@given(RELEASES, st.integers(0, 9), st.integers(0, 3), st.data())
def test_what_is_made_is_proven(
    release: tuple[int, int], count: int, each: int, data: st.DataObject
) -> None:
    parties, accounts, machines = fleet(count, machines_each=each)
    shapes: list[Shape] = ["HUB", "RULE_EACH", *(["HUB_SELF"] if release >= (0, 27) else [])]  # type: ignore[list-item]  # a literal in a starred list
    shape = data.draw(st.sampled_from(shapes))

    text = generate(parties.pharmacies, parties.staff, release=release, shape=shape)
    found = prove(
        document(text, release), parties, accounts=accounts, machines=machines, own=shape != "HUB"
    )

    assert found.is_proven
    assert found.missing == ()
    assert found.pairs == count * (count - 1)


WORDS = st.sampled_from(["pharm-0001@", "pharm-0002@", "pharm-0003@", "kim@", "100.64.0.3", "*"])


@given(RELEASES, st.lists(st.tuples(WORDS, WORDS, st.sampled_from(["22", "*"])), max_size=3))
def test_a_proof_answers_as_asking_for_each_two_machines_does(
    release: tuple[int, int], parts: list[tuple[str, str, str]]
) -> None:
    parties, accounts, machines = fleet(3)
    text = rules(*((source, f"{target}:{ports}") for source, target, ports in parts))
    judge = Evaluator(document(text, release), accounts=accounts, machines=machines)
    owner = {one.id: one.account_id for one in machines}
    by_hand = {
        (owner[one.id], owner[other.id])
        for one, other in permutations(machines, 2)
        if owner[one.id] != owner[other.id] and max(owner[one.id], owner[other.id]) <= 3
        if judge.rules_between(one, other)
    }

    found = prove(document(text, release), parties, accounts=accounts, machines=machines)

    assert found.pairs - found.denied == len(by_hand)


@given(RELEASES, st.integers(2, 8), st.data())
def test_a_planted_hole_is_always_found(
    release: tuple[int, int], count: int, data: st.DataObject
) -> None:
    parties, accounts, machines = fleet(count)
    users = [tenant.user for tenant in parties.pharmacies]
    one, other = data.draw(st.permutations(users))[:2]
    address = next(m.addresses[0] for m in machines if m.account_id == users.index(other) + 1)
    target = data.draw(
        st.sampled_from([f"{other}@", address, f"{address}/32", "100.64.0.0/10", "*"])
    )
    port = data.draw(st.sampled_from(["1", "22", "65535", "*"]))
    hole = f'{{"action": "accept", "src": ["{one}@"], "dst": ["{target}:{port}"]}}'
    text = generate(parties.pharmacies, parties.staff, release=release)

    planted = text.replace('"acls": [\n', f'"acls": [\n    {hole},\n')
    found = prove(document(planted, release), parties, accounts=accounts, machines=machines)

    assert planted != text
    assert not found.is_proven
    assert "pharmacy_to_pharmacy" in codes(found)


def test_a_thousand_pharmacies_are_judged_pair_by_pair() -> None:
    parties, accounts, machines = fleet(1_000, machines_each=5)
    text = generate(parties.pharmacies, parties.staff, release=(0, 28))

    found = prove(document(text, (0, 28)), parties, accounts=accounts, machines=machines)

    assert (found.pairs, found.denied, found.is_proven) == (999_000, 999_000, True)
    assert (found.machines, found.imagined) == (5_010, 1_002)
