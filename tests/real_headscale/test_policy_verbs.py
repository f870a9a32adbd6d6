"""The verbs of the policy on each release, and which of its sections an engine knows."""

from __future__ import annotations

import pytest

from network.headscale.client import RejectedError
from tests.real_headscale.desk import Desk

pytestmark = pytest.mark.timeout(120)

CLOSED = '// 약국은 서로 닿지 않습니다\n{"acls": [],}\n'
BROKEN = '{"acls": [{"action": "accept", "src": ["nonsense::"], "dst": ["*:*"]}]}'
SELF = '{"acls": [{"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:*"]}]}'
GRANTS = '{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["tcp:22"]}]}'


def policy_of(name: str, *, kept: bool) -> str:
    """A policy with a test of its own that holds, or does not."""
    verb = "deny" if kept else "accept"
    return f'{{"acls": [], "tests": [{{"src": "{name}@", "{verb}": ["{name}@:22"]}}]}}'


def test_a_policy_comes_back_as_it_was_set(desk: Desk) -> None:
    stored = desk.client.set_policy(CLOSED)

    read = desk.client.policy()

    assert read == stored
    assert stored.text == CLOSED
    desk.saw("policy set")
    desk.saw("policy get")


def test_what_is_no_policy_is_refused_and_the_old_one_stays(desk: Desk) -> None:
    desk.client.set_policy(CLOSED)

    with pytest.raises(RejectedError) as refused:
        desk.client.set_policy(BROKEN)

    kept = desk.client.policy()
    assert refused.value.reason == "policy_invalid"
    assert kept is not None
    assert kept.text == CLOSED


def test_a_policy_is_checked_and_not_set(desk: Desk) -> None:
    desk.client.set_policy(CLOSED)

    desk.client.check_policy('{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:22"]}]}')
    with pytest.raises(RejectedError) as refused:
        desk.client.check_policy(BROKEN)

    kept = desk.client.policy()
    assert refused.value.reason == "policy_invalid"
    assert kept is not None
    assert kept.text == CLOSED
    by_server, by_program = "policy check, by the server", "policy check, by the program"
    desk.saw(by_server if desk.since(29) else by_program)
    desk.saw(by_program if desk.since(29) else by_server, "absent")


def test_the_check_of_the_program_knows_no_output_flag(desk: Desk) -> None:
    done = desk.call("policy", "check", "-o", "json", "-f", "/dev/stdin", stdin=CLOSED)

    assert (done.exit_status == 0) is desk.since(29)


def test_autogroup_self_is_known_from_0_27_on(desk: Desk) -> None:
    desk.saw("policy: autogroup:self", "yes" if desk.since(27) else "absent")
    if desk.since(27):
        assert desk.client.set_policy(SELF).text == SELF
        return

    with pytest.raises(RejectedError) as refused:
        desk.client.set_policy(SELF)
    assert refused.value.reason == "policy_invalid"


def test_tests_in_a_policy_are_run_from_0_29_on(desk: Desk) -> None:
    node = desk.node()
    assert node.user is not None
    kept, broken = (policy_of(node.user.name, kept=kept) for kept in (True, False))
    desk.saw("policy: tests", "yes" if desk.since(29) else "absent")
    if desk.since(29):
        desk.client.set_policy(kept)
        with pytest.raises(RejectedError) as refused:
            desk.client.set_policy(broken)
        stored = desk.client.policy()
        assert refused.value.reason == "policy_tests_failed"
        assert stored is not None
        assert stored.text == kept
        return

    for text in (kept, broken):
        done = desk.call("policy", "set", "-f", "/dev/stdin", stdin=text)
        # 0.26 reads over what it does not know.
        assert (done.exit_status == 0) is not desk.since(27)


def test_grants_are_known_from_0_29_on(desk: Desk) -> None:
    desk.saw("policy: grants", "yes" if desk.since(29) else "absent")
    if desk.since(27) and not desk.since(29):
        with pytest.raises(RejectedError) as refused:
            desk.client.set_policy(GRANTS)
        assert refused.value.reason == "policy_invalid"
        return

    assert desk.client.set_policy(GRANTS).text == GRANTS
