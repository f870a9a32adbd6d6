"""Texts that an engine takes or refuses: the simulator does the same, and we read what it takes."""

from __future__ import annotations

import pytest

from network.policy.reading import read_policy
from network.policy.sayings import PolicyError
from tests.real_headscale.desk import Desk

pytestmark = pytest.mark.timeout(120)

RULE = '{"acls": [{"action": "accept", "src": ["%s"], "dst": ["%s"]}]}'
DEFINED = '{"acls": [{"action": "accept", "src": ["%s"], "dst": ["%s"]}], %s}'
ALL, NONE = (26, 30), (0, 0)
# Text → the first and the last release that takes it.
TEXTS: dict[str, tuple[int, int]] = {
    RULE % ("nobody@", "nobody@:22,80-90"): ALL,
    RULE % ("100.64.0.1", "fd7a::1:22"): ALL,
    RULE % ("한글@", "한글@:22"): ALL,
    RULE % ("group:x@", "*:*"): ALL,
    RULE % ("*", "autogroup:internet:*"): ALL,
    RULE % ("x::", "*:*"): NONE,
    RULE % ("", "*:*"): NONE,
    RULE % ("desk", "*:22"): NONE,
    RULE % ("bad_host", "*:22"): NONE,
    RULE % ("100.64.0.1/33", "*:*"): NONE,
    RULE % ("tag:x", "*:22"): NONE,
    RULE % ("group:x", "*:22"): NONE,
    RULE % ("*", "desk:22"): NONE,
    RULE % ("*", "*:"): NONE,
    RULE % ("*", "*:99999"): NONE,
    RULE % ("*", "*:90-80"): NONE,
    RULE % ("*", "*:http"): NONE,
    RULE % ("*", "*"): (26, 26),
    RULE % ("*", "*:0"): (26, 26),
    RULE % ("*", "[fd7a::1]:22"): (29, 30),
    RULE % ("autogroup:member", "autogroup:self:*"): (27, 30),
    RULE % ("autogroup:tagged", "*:*"): (27, 30),
    RULE % ("autogroup:danger-all", "*:*"): (29, 30),
    RULE % ("autogroup:nope", "*:*"): NONE,
    DEFINED % ("desk", "desk:1", '"hosts": {"desk": "1.2.3.4"}'): ALL,
    DEFINED % ("group:g", "*:1", '"groups": {"group:g": ["a@"]}'): ALL,
    DEFINED % ("tag:x", "tag:x:1", '"tagOwners": {"tag:x": ["a@"]}'): ALL,
    '{"acls": []} // closed\n': ALL,
    '{"acls": [],}': ALL,
    '{"acls": null}': ALL,
    '{"ACLS": []}': ALL,
    "{}": ALL,
    "null": ALL,
    '{"acls": {}}': NONE,
    '{"acls": "x"}': NONE,
    '{"acls": [': NONE,
    "[]": NONE,
    '""': NONE,
    "1": NONE,
    '{"acls": [], "nonsense": 1}': (26, 26),
    '{"grants": []}': (26, 26),
}
# Read over in 0.26, refused in 0.27 and 0.28, and known from 0.29 on.
TEXTS_AGAIN = {'{"grants": []}'}
# What an engine takes and we refuse all the same: it says nothing, or another thing than it seems.
REFUSED_BY_US = {"null", RULE % ("*", "*"), RULE % ("*", "*:0")}


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_taken_or_refused(desk: Desk, text: str) -> None:
    first, last = TEXTS[text]
    is_taken = first <= desk.release[1] <= last or (text in TEXTS_AGAIN and desk.since(29))

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
