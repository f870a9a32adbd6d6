"""Texts that an engine takes or refuses: the simulator does the same, and we read what it takes."""

from __future__ import annotations

import pytest

from network.policy.reading import read_policy
from network.policy.sayings import PolicyError
from tests.real_headscale.desk import Desk
from tests.real_headscale.policy_texts import BESIDE, FIELDS, PROTOCOL, RULE, TEXTS

pytestmark = pytest.mark.timeout(120)

# What an engine takes and we refuse all the same: it says nothing, or another thing than it seems.
REFUSED_BY_US = {
    "null",
    RULE % ("*", "*"),
    RULE % ("*", "*:0"),
    '{"acls": [], "acls": []}',
    '{"acls": [], "ACLs": []}',
    BESIDE % '"groups": {"group:x": ["a@"], "group:x": ["b@"]}',
    BESIDE % '"groups": {"group:x": null}',
    BESIDE % '"tagOwners": {"x": ["a@"]}',
    BESIDE % '"tagOwners": {"tag:x": null}',
    BESIDE % '"autoApprovers": {"x": 1}',
    '{"acls": [{"src": ["*"], "dst": ["*:*"]}]}',
    '{"acls": [{}]}',
    '{"acls": [null]}',
    FIELDS % ('"action": "accept", "x": 1', "*:*"),
    PROTOCOL % ('"0"', "*:*"),
    PROTOCOL % ('"00"', "*:*"),
    PROTOCOL % ('"+0"', "*:*"),
    PROTOCOL % ('"06"', "*:*"),
    PROTOCOL % ('"256"', "*:*"),
    PROTOCOL % ("6", "*:*"),
    PROTOCOL % ('"icmp"', "*:22"),
}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_taken_or_refused(desk: Desk, text: str) -> None:
    is_taken = desk.release[1] in TEXTS[text]

    done = desk.call("policy", "set", "-f", "/dev/stdin", stdin=text)

    assert (done.exit_status == 0) is is_taken
    if is_taken:
        assert _is_read_by_us(desk, text) is (text not in REFUSED_BY_US)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_checked_as_it_is_set(desk: Desk, text: str) -> None:
    if not text.startswith("{"):
        return
    set_, check = (_status(desk, verb, text) for verb in ("set", "check"))

    assert check == set_


def _status(desk: Desk, verb: str, text: str) -> int:
    if verb == "set" or desk.since(29) or not desk.is_real:
        return desk.call("policy", verb, "-f", "/dev/stdin", stdin=text).exit_status
    # The program that checks alone takes its configuration by the environment only.
    words, config = (desk.command[0], "policy", "check", "-f", "/dev/stdin"), desk.command[2]
    env = {"HEADSCALE_CONFIG": config}
    return desk.runner(words, env=env, stdin=text.encode(), timeout_s=60).exit_status


def _is_read_by_us(desk: Desk, text: str) -> bool:
    try:
        read_policy(text, desk.release)
    except PolicyError:
        return False
    return True
