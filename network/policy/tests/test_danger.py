"""Each danger has a code, a severity and a sentence."""

import pytest

from network.policy.danger import dangers, refused
from network.policy.principals import Account
from network.policy.tests.networks import (
    ACCOUNTS,
    HUB,
    HUB_SELF,
    MACHINES,
    document,
    rules,
)


def codes(text: str, release: tuple[int, int] | None = (0, 29)) -> list[str]:
    """What is dangerous about a text in the small network, with its severity's first letter."""
    found = dangers(document(text, release), accounts=ACCOUNTS, machines=MACHINES)
    assert all(one.saying.text for one in found)
    return [f"{one.severity[0]} {one.code}" for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ["R empty_text"]),
        ("{}", ["R no_rules"]),
        ('{"acls": null}', ["R no_rules"]),
        ('{"acls": []}', ["N nobody"]),
        ('{"aclz": []}', ["R no_rules", "R unknown_section"]),
        (HUB, []),
        (HUB_SELF, []),
        (rules(("*", "*:*")), ["S all_to_all"]),
        (rules(("autogroup:member", "autogroup:member:22")), ["S all_to_all"]),
        (rules(("0.0.0.0/0", "100.64.0.0/10:*")), ["S all_to_all"]),
        (rules(("autogroup:danger-all", "a@:22")), ["S all_as_source"]),
        (rules(("*", "autogroup:self:*")), []),
        (rules(("ghost@", "a@:22")), ["S unknown_user"]),
        (rules(("group:x", "a@:22")), ["R unknown_group"]),
        (rules(("tag:x", "a@:22")), ["R unknown_tag"]),
        (rules(("a@", "printer:22")), ["R unknown_host"]),
        (rules(("autogroup:admin", "a@:22")), ["R unknown_autogroup"]),
        ('{"acls": [], "groups": {"group:x": ["ghost@"]}}', ["S unknown_user", "N nobody"]),
        (
            '{"acls": [], "autoApprovers": {"routes": {"100.64.0.0/16": ["a@"]}}}',
            ["S approves_tailnet", "N nobody"],
        ),
        (
            '{"acls": [], "autoApprovers": {"exitNode": ["a@"]}}',
            ["S approves_exit", "N nobody"],
        ),
        (
            '{"acls": [], "tests": [{"src": "a@", "deny": ["autogroup:self:22"]}]}',
            ["R test_of_self", "N nobody"],
        ),
        (
            '{"acls": [], "tests": [{"src": "ghost@", "deny": ["a@:22"]}]}',
            ["R test_without_machines", "N nobody"],
        ),
    ],
)
def test_dangers_of_a_text(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ((0, 26), ["R no_rules", "S ignored_section"]),
        ((0, 27), ["R no_rules", "R unknown_section"]),
        ((0, 28), ["R no_rules", "R unknown_section"]),
        ((0, 29), []),
        (None, ["R no_rules"]),
    ],
)
def test_grants_alone_are_no_rules_to_older_releases(
    release: tuple[int, int] | None, expected: list[str]
) -> None:
    text = '{"grants": [{"src": ["staff@"], "dst": ["*"], "ip": ["22"]}]}'

    assert codes(text, release) == expected


def test_0_26_does_not_know_self() -> None:
    assert "R unknown_autogroup" in codes(HUB_SELF, (0, 26))


def test_two_accounts_with_one_name_are_refused() -> None:
    accounts = (*ACCOUNTS, Account(9, "x", email="staff"))

    found = refused(dangers(document(HUB), accounts=accounts))

    assert [one.code for one in found] == ["ambiguous_user"]


def test_nothing_is_said_about_what_is_not_given() -> None:
    text = rules(("ghost@", "a@:22"))

    assert dangers(document(text)) == ()


def test_a_rule_each_is_slow() -> None:
    text = rules(*((f"p{number}@", f"p{number}@:*") for number in range(51)))

    assert [one.code for one in dangers(document(text))] == ["slow_shape"]


def test_a_sentence_tells_the_place_and_the_rule() -> None:
    found = dangers(document(rules(("a@", "b@:1"), ("*", "*:*"))))

    assert found[0].saying.values == {"place": "acls 2", "rule": "* → *"}
