"""A policy is read as each release reads it."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.policy.aliases import EVERY_PORT
from network.policy.danger import dangers, refused
from network.policy.reading import read_policy
from network.policy.sayings import PolicyError
from network.policy.tests.networks import HUB_SELF, refusal_of

RECORDINGS = Path(__file__).resolve().parents[3] / "tests" / "contract" / "recordings"
FULL = """// 약국 격리
{
  "groups": {"group:desk": ["kim@", "lee@example.com"]},
  "hosts": {"printer": "192.168.0.9", "lan": "192.168.0.0/24"},
  "tagOwners": {"tag:kiosk": ["group:desk", "tag:parent"], "tag:parent": ["kim@"]},
  "acls": [
    {"action": "accept", "proto": "TCP", "src": ["group:desk"], "dst": ["*:22,80-90"]},
    {"action": "accept", "#note": 1, "src": ["*"], "dst": ["autogroup:self:*", "[fd7a::1]:443"]},
  ],
  "autoApprovers": {"routes": {"10.0.0.0/8": ["tag:kiosk"]}, "exitNode": ["kim@"]},
  "ssh": [{"action": "accept", "src": ["kim@"], "dst": ["tag:kiosk"], "users": ["root"]}],
  "grants": [{"src": ["*"], "dst": ["lan"], "ip": ["tcp:443", "53"], "via": ["tag:kiosk"]},
             {"src": ["kim@"], "dst": ["tag:kiosk"], "app": {"x.com/y": [{"n": 1.5e3}]}}],
  "tests": [{"src": "kim@", "accept": ["lee@example.com:22"], "deny": ["*:80"], "proto": "tcp"}],
}
"""


def wrapped(rule: str, section: str = "acls") -> str:
    """A policy of one rule."""
    return f'{{"{section}": [{rule}]}}'


def test_every_section_is_read() -> None:
    document = read_policy(FULL, (0, 29))

    assert document.acls is not None
    assert document.grants is not None
    assert [rule.line for rule in document.acls] == [7, 8]
    assert document.acls[0].destinations[0].ports == ((22, 22), (80, 90))
    assert [one.alias.kind for one in document.acls[1].destinations] == ["autogroup", "prefix"]
    assert [(one.protocol, one.ports) for one in document.grants[0].destinations] == [
        ("tcp", ((443, 443),)),
        ("*", ((53, 53),)),
    ]
    assert document.grants[0].via == ("tag:kiosk",)
    assert document.grants[1].destinations[0].ports == ()
    assert document.auto_approvers.routes == (("10.0.0.0/8", ("tag:kiosk",)),)
    assert document.ssh[0].destinations == ("tag:kiosk",)
    assert document.tests[0].deny == ("*:80",)
    assert not document.unknown


@pytest.mark.parametrize("release", [(0, 26), (0, 27), (0, 28)])
def test_what_a_release_does_not_know_is_named_and_counts_for_nothing(
    release: tuple[int, int],
) -> None:
    document = read_policy('{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}', release)

    assert document.unknown == ("grants",)
    assert not document.has_rules


@pytest.mark.parametrize(
    ("text", "release", "has_rules"),
    [
        ("", (0, 28), False),
        ("// nothing", (0, 28), False),
        ("{}", (0, 28), False),
        ('{"acls": null}', (0, 29), False),
        ('{"groups": {"group:a": ["a@"]}}', (0, 29), False),
        ('{"acls": []}', (0, 28), True),
        ('{"ACLs": []}', (0, 28), True),
        ('{"acl_s": []}', (0, 28), False),
        ('{"grants": []}', (0, 29), True),
        ('{"grants": []}', (0, 28), False),
        ('{"grants": []}', (0, 26), False),
        ('{"grants": []}', None, False),
        ('{"acls": []}', None, True),
    ],
)
def test_whether_there_is_a_rule_section(
    text: str, release: tuple[int, int] | None, has_rules: bool
) -> None:
    assert read_policy(text, release).has_rules is has_rules


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("[]", "not_an_object", 1, 1),
        ('{"acls": {}}', "wrong_type", 1, 10),
        ('{"acls": [[]]}', "wrong_type", 1, 11),
        ('{"acls": [],\n"ACLS": []}', "duplicate_name", 2, 9),
        ('{"acls": [],\n"acl\u017f": []}', "duplicate_name", 2, 9),
        ('{"groups": {"desk": []}}', "bad_group", 1, 12),
        ('{"groups": {"group:a": ["group:b"]}}', "bad_member", 1, 12),
        ('{"groups": {"group:a": "kim@"}}', "wrong_type", 1, 24),
        ('{"hosts": {"h": "nowhere"}}', "bad_host", 1, 17),
        ('{"hosts": {"h": "10.0.0.0/255.0.0.0"}}', "bad_host", 1, 17),
        ('{"tagOwners": {"kiosk": []}}', "bad_tag", 1, 15),
        ('{"tagOwners": {"tag:k": ["*"]}}', "bad_name", 1, 15),
        ('{"autoApprovers": {"routes": {"x": ["a@"]}}}', "bad_host", 1, 19),
        (wrapped("{}"), "bad_action", 1, 11),
        (wrapped('{"action": "deny"}'), "bad_action", 1, 22),
        (wrapped('{"action": "accept", "srcs": []}'), "unknown_field", 1, 40),
        (wrapped('{"action": "accept", "proto": "*"}'), "bad_protocol", 1, 41),
        (wrapped('{"action": "accept", "proto": "256"}'), "bad_protocol", 1, 41),
        (wrapped('{"action": "accept", "src": ["a:b"]}'), "bad_name", 1, 40),
        (wrapped('{"action": "accept", "src": [""]}'), "bad_name", 1, 40),
        (wrapped('{"action": "accept", "src": ["autogroup:self"]}'), "self_as_source", 1, 40),
        (wrapped('{"action": "accept", "src": "a@"}'), "wrong_type", 1, 39),
        (wrapped('{"action": "accept", "dst": ["a@"]}'), "bad_destination", 1, 40),
        (wrapped('{"action": "accept", "dst": ["a@:"]}'), "bad_destination", 1, 40),
        (wrapped('{"action": "accept", "dst": [":22"]}'), "bad_destination", 1, 40),
        (wrapped('{"action": "accept", "dst": ["a@:0"]}'), "bad_destination", 1, 40),
        (wrapped('{"action": "accept", "dst": ["a@:90-80"]}'), "bad_destination", 1, 40),
        (wrapped('{"action": "accept", "dst": ["a@:65536"]}'), "bad_destination", 1, 40),
        (wrapped('{"action": "accept", "dst": ["a@:+22"]}'), "bad_destination", 1, 40),
        (wrapped('{"action": "accept", "dst": ["[a@:22"]}'), "bad_destination", 1, 40),
        (
            wrapped('{"action": "accept", "proto": "icmp", "dst": ["a@:22"]}'),
            "port_without_ports",
            1,
            57,
        ),
        (wrapped('{"ip": ["x"]}', "grants"), "bad_ports", 1, 21),
        (wrapped('{"ip": ["nope:1"]}', "grants"), "bad_protocol", 1, 21),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(
    text: str, code: str, line: int, column: int
) -> None:
    with pytest.raises(PolicyError) as caught:
        read_policy(text, (0, 29))

    assert (caught.value.code, caught.value.line, caught.value.column) == (code, line, column)


def test_an_empty_port_list_of_a_wildcard_is_every_port() -> None:
    document = read_policy(HUB_SELF, (0, 28))

    assert document.acls is not None
    assert document.acls[1].destinations[0].ports == EVERY_PORT


@pytest.mark.parametrize("text", [FULL, HUB_SELF])
def test_a_policy_cut_at_every_letter_is_read_or_refused(text: str) -> None:
    for length in range(len(text)):
        part, rest = text[:length], text[length:]

        error = refusal_of(partial(read_policy, part, (0, 29)))

        if error is None:
            assert read_policy(part, (0, 29)).is_empty or rest.strip() == ""
        else:
            assert error.line >= 1


@given(st.binary(max_size=60), st.sampled_from([None, (0, 26), (0, 28), (0, 29)]))
def test_any_bytes_in_a_policy_are_read_or_refused(
    noise: bytes, release: tuple[int, int] | None
) -> None:
    place = len(FULL) // 2
    text = FULL[:place] + noise.decode(errors="surrogateescape") + FULL[place:]

    error = refusal_of(lambda: read_policy(text, release))

    assert error is None or error.saying.text


def _recorded(release: str) -> dict[str, Any]:
    cases: dict[str, Any] = json.loads((RECORDINGS / release / "cli.json").read_text("utf-8"))
    return cases["cases"]  # type: ignore[no-any-return]  # as the file has it


RECORDED_TEXTS = {
    "good": """// 약국 격리
{
  "tagOwners": {"tag:pharmacy": ["pharm-0001@"], "tag:kiosk": ["pharm-0001@"]},
  "acls": [{"action": "accept", "src": ["pharm-0001@"], "dst": ["tag:pharmacy:*"]}],
}
""",
    "tests-pass": """{
  "acls": [{"action": "accept", "src": ["pharm-0001@"], "dst": ["pharm-0001@:443"]}],
  "tests": [{"src": "pharm-0001@", "accept": ["pharm-0001@:443"], "deny": ["pharm-0002@:443"]}],
}
""",
    "syntax": '{"acls": [',
    "unknown-user": '{"acls": [{"action":"accept","src":["ghost@"],"dst":["*:*"]}]}',
    "unknown-field": '{"aclz": []}',
}


@pytest.mark.parametrize("name", RECORDED_TEXTS)
@pytest.mark.parametrize(
    ("release", "number"),
    [("0.26.1", (0, 26)), ("0.28.0", (0, 28)), ("0.29.2", (0, 29)), ("0.30-dev", (0, 30))],
)
def test_what_the_engine_refuses_we_refuse_as_well(
    release: str, number: tuple[int, int], name: str
) -> None:
    taken = _recorded(release)[f"policy/set-{name}"]["exit"] == 0

    error = refusal_of(lambda: read_policy(RECORDED_TEXTS[name], number))
    found = () if error else refused(dangers(read_policy(RECORDED_TEXTS[name], number)))

    # 0.26 takes a text without a rule section, which we never set.
    assert taken is (not error and not found) or [one.code for one in found] == ["no_rules"]


def test_an_error_of_syntax_has_the_engines_place() -> None:
    words = _recorded("0.28.0")["policy/set-syntax"]["stderr"]

    with pytest.raises(PolicyError) as caught:
        read_policy(RECORDED_TEXTS["syntax"], (0, 28))

    assert f"line {caught.value.line}, column {caught.value.column}:" in words
