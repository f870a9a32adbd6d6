"""Only what is proven comes out."""

from dataclasses import replace

import pytest

from network.headscale.types import User
from network.policy.making import allow, judge, make_policy
from network.policy.principals import Account, accounts_of
from network.policy.proof import NotIsolatedError
from network.policy.sayings import PolicyError
from network.policy.tests.networks import (
    A1,
    A2,
    ACCOUNTS,
    HUB,
    HUB_SELF,
    MACHINES,
    PARTIES,
    rules,
)


@pytest.mark.parametrize("release", [None, (0, 26), (0, 27), (0, 28), (0, 29), (0, 30)])
def test_a_made_policy_is_proven_and_keeps_its_promises(release: tuple[int, int] | None) -> None:
    made = make_policy(PARTIES, release=release, accounts=ACCOUNTS, machines=MACHINES)

    assert made.proof.is_proven
    assert made.proof.missing == ()
    assert not made.is_refused
    assert len(made.document.tests) == (3 if release and release >= (0, 29) else 0)


def test_a_made_policy_tests_only_who_has_an_untagged_machine() -> None:
    tagged = replace(A2, account_id=0, tags=("tag:x",))

    made = make_policy(PARTIES, release=(0, 29), accounts=ACCOUNTS, machines=(A1, tagged))

    assert '"b@' not in made.text
    assert made.document.tests == ()


def test_pharmacies_whose_machines_cross_are_not_made_a_policy() -> None:
    moved = replace(A2, pharmacy="b")

    with pytest.raises(NotIsolatedError):
        make_policy(PARTIES, release=(0, 28), accounts=ACCOUNTS, machines=(A1, moved))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_text"),
        ("{}", "no_rules"),
        ('{"grants": []}', "no_rules"),
        (rules(("a@", "b@:22")), "not_proven"),
        (rules(("group:x", "b@:22")), "unknown_group"),
    ],
)
def test_a_text_that_may_not_be_set_is_refused(text: str, code: str) -> None:
    verdict = judge(text, PARTIES, release=(0, 28), accounts=ACCOUNTS, machines=MACHINES)

    assert verdict.is_refused
    with pytest.raises(PolicyError) as caught:
        allow(verdict)
    assert caught.value.code == code


@pytest.mark.parametrize("text", [HUB, HUB_SELF, "// 우리 것\n" + HUB])
def test_a_text_that_isolates_is_allowed_as_it_is(text: str) -> None:
    verdict = judge(text, PARTIES, release=(0, 28), accounts=ACCOUNTS, machines=MACHINES)

    allow(verdict)

    assert verdict.text == text


def test_accounts_come_from_the_engines_list() -> None:
    assert accounts_of([User(7, "kim", email="k@x")]) == (Account(7, "kim", "k@x"),)
