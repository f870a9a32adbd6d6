"""A policy is refused for what stands in its sections, in the words of real releases."""

from __future__ import annotations

import json
import random
from itertools import pairwise

import pytest

from network.headscale.simulator.policies import PolicyError, live, read
from network.headscale.simulator.releases import RELEASES, release_named
from network.headscale.simulator.tests.conversation import refusal

FROM_BYTES = "parsing policy: parsing policy from bytes: "
GROUPS = 'json: cannot unmarshal JSON object into Go v2.Groups within "/groups": '
HOSTS = 'json: cannot unmarshal JSON object into Go v2.Hosts within "/hosts": '
OWNER = 'json: cannot unmarshal JSON string into Go v2.OwnerEnc within "/tagOwners/tag:x/0": '
TAG = 'json: cannot unmarshal JSON string into Go v2.Tag within "/tagOwners/x": '
ACTION = 'json: cannot unmarshal JSON string into Go v2.Action within "/acls/0/action": '
PROTO = 'json: cannot unmarshal JSON string into Go v2.Protocol within "/acls/0/proto": '
NAMES = (
    *("groups", "hosts", "tagOwners", "acls", "grants", "ssh", "tests", "autoApprovers"),
    *("src", "dst", "ip", "via", "app", "routes", "exitNode", "action", "proto", "accept"),
)
WORDS = ("*", "*:22", "a@", "group:x", "tag:x", "10.0.0.0/8", "tcp:22", "accept", "", "\ud800")
MUST = "please define or remove the reference to it"
KNOWN = "must be a known protocol name or valid protocol number 0-255"
KINDS = """ An alias must be one of the following types:
- user (containing an "@")
- group (starting with "group:")
- tag (starting with "tag:")

Please check the format and try again."""


@pytest.mark.parametrize(
    ("text", "until_28", "since_29"),
    [
        (
            '{"groups": {"x": ["a@"]}}',
            f'{GROUPS}Group has to start with "group:", got: "x"',
            f"{GROUPS}group must start with 'group:', got: \"x\"",
        ),
        (
            '{"groups": {"group:x": ["a"]}}',
            f'{GROUPS}Username has to contain @, got: "a"',
            f'{GROUPS}username must contain @, got: "a"',
        ),
        (
            '{"groups": {"group:x": "a@"}}',
            f'{GROUPS}Group "group:x" value must be an array of users, got string: "a@"',
            f'{GROUPS}group value must be an array of users: group "group:x" got string: "a@"',
        ),
        (
            '{"groups": {"group:x": null}}',
            f'{GROUPS}Group "group:x" value must be an array of users, got <nil>',
            f'{GROUPS}group value must be an array of users: group "group:x" got <nil>',
        ),
        (
            '{"groups": {"group:x": ["group:y"]}}',
            f'{GROUPS}Nested groups are not allowed, found "group:y" inside "group:x"',
            f'{GROUPS}groups["group:x"]: "group:y": group members cannot be recursive',
        ),
        (
            '{"hosts": {"desk": "x"}}',
            f'{HOSTS}Hostname "desk" contains an invalid IP address: "x"',
            f'{HOSTS}hostname contains invalid IP address: hostname "desk" address "x"',
        ),
        (
            '{"hosts": {"a@b": "1.2.3.4"}}',
            f'{HOSTS}Hostname "a@b" is invalid',
            f'{HOSTS}invalid hostname: "a@b"',
        ),
        (
            '{"tagOwners": {"x": ["a@"]}}',
            f'{TAG}tag has to start with "tag:", got: "x"',
            f"{TAG}tag must start with 'tag:', got: \"x\"",
        ),
        (
            '{"tagOwners": {"tag:x": ["a"]}}',
            f'{OWNER}Invalid Owner "a".{KINDS}',
            f'{OWNER}invalid owner format: "a"',
        ),
        (
            '{"acls": [{"action": "drop"}]}',
            f'{ACTION}invalid action "drop", must be "accept"',
            f'{ACTION}action="drop" is not supported: invalid ACL action',
        ),
        (
            '{"acls": [{"proto": "x"}]}',
            f'{PROTO}invalid protocol "x": {KNOWN}',
            f'{PROTO}invalid protocol number: "x" {KNOWN}',
        ),
        (
            '{"acls": [{"proto": "256"}]}',
            f"{PROTO}protocol number 256 out of range (0-255)",
            f"{PROTO}protocol number out of range (0-255): 256",
        ),
        (
            '{"acls": [{"proto": "0"}]}',
            f'{PROTO}leading 0 not permitted in protocol number "0"',
            f'{PROTO}leading 0 not permitted in protocol number: "0"',
        ),
        (
            '{"ssh": {}}',
            'json: cannot unmarshal JSON object into Go []v2.SSH within "/ssh"',
            'json: cannot unmarshal JSON object into Go []v2.SSH within "/ssh"',
        ),
        (
            '{"groups": {"group:x": [], "group:x": []}}',
            'jsontext: duplicate object member name "group:x" within "/groups"',
            'jsontext: duplicate object member name "group:x" within "/groups"',
        ),
    ],
)
def test_what_cannot_be_read_is_said_in_the_words_of_the_time(
    text: str, until_28: str, since_29: str
) -> None:
    assert [refusal(release, text) for release in ("0.27.1", "0.28.0")] == [
        FROM_BYTES + until_28
    ] * 2
    assert [refusal(release, text) for release in ("0.29.2", "0.30-dev")] == [
        FROM_BYTES + since_29
    ] * 2


@pytest.mark.parametrize(
    ("text", "until_28", "since_29"),
    [
        (
            '{"tagOwners": {"tag:x": ["group:x"]}}',
            f'Group "group:x" is not defined in the Policy, {MUST}',
            'group not defined in policy: "group:x"',
        ),
        (
            '{"tagOwners": {"tag:x": ["tag:y"]}}',
            (
                f'multiple errors:\n\tTag "tag:y" is not defined in the Policy, {MUST}\n'
                '\ttag "tag:x" references undefined tag "tag:y"'
            ),
            (
                'multiple errors:\n\ttag not found: "tag:y"\n'
                '\ttag "tag:x" references undefined tag "tag:y"'
            ),
        ),
        (
            '{"autoApprovers": {"exitNode": ["tag:x"]}}',
            f'Tag "tag:x" is not defined in the Policy, {MUST}',
            'tag not found: "tag:x"',
        ),
        (
            '{"acls": [{"action": "accept", "proto": "1", "src": ["*"], "dst": ["*:22"]}]}',
            'protocol "1" does not support specific ports; only "*" is allowed',
            'protocol does not support specific ports: "icmp", only "*" is allowed',
        ),
    ],
)
def test_what_is_not_defined_is_said_in_the_words_of_the_time(
    text: str, until_28: str, since_29: str
) -> None:
    assert refusal("0.28.0", text) == f"parsing policy: {until_28}"
    assert refusal("0.29.2", text) == f"parsing policy: {since_29}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            '{"groups": {"group:x": "a@"}}',
            (
                f"{FROM_BYTES}json: cannot unmarshal string into Go struct field Policy.groups"
                " of type []string"
            ),
        ),
        (
            '{"acls": [{"src": "*"}]}',
            (
                f"{FROM_BYTES}json: cannot unmarshal string into Go struct field ACL.acls.src"
                " of type []v2.AliasEnc"
            ),
        ),
        ('{"hosts": {"tag:x": "1.2.3.4"}}', f'{FROM_BYTES}Hostname "tag:x" is invalid'),
        ('{"acls": [null]}', "compiling filter rules: invalid action"),
        (
            '{"acls": [{"action": "accept", "proto": "TCP"}]}',
            (
                "compiling filter rules: parsing policy, protocol err: parsing protocol number: "
                'strconv.Atoi: parsing "TCP": invalid syntax '
            ),
        ),
    ],
)
def test_0_26_says_it_without_the_place(text: str, words: str) -> None:
    assert refusal("0.26.1", text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"grants": [{"src": ["*"]}]}', "ip and app can not both be empty"),
        ('{"grants": [{"ip": ["*"], "x": 1}]}', 'unknown field: "x"'),
        ('{"grants": [{"ip": ["*"], "dst": ["tag:x"]}]}', 'tag not found: "tag:x"'),
        ('{"grants": [{"ip": ["*"], "via": ["tag:x"]}]}', 'tag "tag:x" not found'),
        ('{"grants": [{"ip": ["*"], "src": ["desk"]}]}', 'host not defined in policy: "desk"'),
        ('{"tagOwners": {"tag:1": ["a@"]}}', 'tagOwners["tag:1"]: tag names must start with'),
    ],
)
def test_grants_and_names_of_tags_since_0_29(text: str, words: str) -> None:
    assert refusal("0.29.2", text).startswith(f"parsing policy: {words}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"grants": [{"ip": ["*"], "via": ["x"]}]}', "via can only be a tag"),
        ('{"grants": [{"ip": ["tcp:x"]}]}', 'port range "x": invalid first integer'),
        ('{"grants": [{"ip": [5]}]}', "type not supported: float64"),
        ('{"grants": [{"app": 1}]}', "Go tailcfg.PeerCapMap within"),
        ('{"tests": [{}]}', 'test 0: test entry must have at least one of "accept" or "deny"'),
        ('{"tests": [{"src": []}]}', 'JSON array into Go string within "/tests/0/src"'),
        ('{"tests": [{"accept": ["a@"]}]}', 'accept "a@": hostport must contain a colon'),
        ('{"autoApprovers": {"routes": true}}', "map[netip.Prefix]v2.AutoApprovers within"),
        ('{"autoApprovers": {"routes": {"10.0.0.0/99": []}}}', "prefix length out of range"),
        ('{"ssh": [{"action": "x"}]}', '"x" is not a valid action'),
        ('{"ssh": [null]}', "users must be specified"),
        ('{"hosts": {"h": "1.2.3.4/255.255.255.0"}}', "contains invalid IP address"),
    ],
)
def test_what_stands_deeper_is_looked_at_too(text: str, words: str) -> None:
    assert words in refusal("0.29.2", text)


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(
    "text",
    [
        *("[" * 8000, '{"x": NaN}', '{"hosts": {"h": "\\ud800"}}', '{"tests": 1, "acls": 1}'),
        '{"acls": [{"action": "accept", "dst": ["*:%s"]}]}' % ("9" * 5000),
        '{"acls": [],' + "/**/" * 4000 + "x}",
        '{"acls": [/* a */,/* b */]}',
        '{"acls": []}' + "/*a" * 8000,
        '"' + '\\"' * 8000,
        '{"acls": []} /*',
        '{"acls": []} "*/',
    ],
    ids=[
        *("deep", "no-number", "half-character", "kinds", "digits", "comments", "comma"),
        *("open-comments", "open-text", "begun-comment", "begun-text"),
    ],
)
def test_what_is_beyond_measure_is_refused_in_words(release: str, text: str) -> None:
    assert refusal(release, text).encode()


@pytest.mark.parametrize("release", RELEASES)
def test_comments_and_last_commas_may_stand_anywhere(release: str) -> None:
    text = '{"acls": [/*,*/] /**/, /* "*/ // end, }\n}'

    assert read(release_named(release), text) == {"acls": []}


@pytest.mark.parametrize("release", RELEASES)
def test_fields_may_be_written_in_other_letters(release: str) -> None:
    text = '{"ACLS": [{"Action": "accept", "SRC": ["*"], "Dst": ["*:*"]}]}'

    assert read(release_named(release), text) == {
        "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]
    }


def test_owners_in_a_circle_are_refused_in_0_28_only() -> None:
    text = '{"tagOwners": {"tag:x": ["tag:y"], "tag:y": ["tag:x"]}}'

    assert refusal("0.28.0", text).endswith("circular reference detected: tag:x -> tag:y")
    assert read(release_named("0.29.2"), text)


@pytest.mark.parametrize("release", RELEASES)
def test_any_json_is_taken_or_refused(release: str) -> None:
    draws = random.Random(release)  # noqa: S311  # a text is no secret
    refused = 0
    for _ in range(400):
        text = json.dumps({draws.choice(NAMES): drawn(draws) for _ in range(draws.randrange(3))})
        try:
            assert isinstance(read(release_named(release), text), dict)
        except PolicyError as error:
            refused += bool(str(error))
        assert isinstance(live(release_named(release), text), dict)

    assert 0 < refused < 400


def drawn(draws: random.Random, depth: int = 0) -> object:
    """A value of JSON, most often near to what may stand in a policy."""
    if depth > 3 or draws.random() < 0.4:
        return draws.choice([*WORDS, None, True, 0, -1, 1.5, [], {}])
    inner = [drawn(draws, depth + 1) for _ in range(draws.randrange(3))]
    if draws.random() < 0.5:
        return inner
    return {draws.choice([*NAMES, *WORDS]): value for value in inner}


def test_a_long_row_of_owners_is_no_circle() -> None:
    """Each tag is looked at once, however many ways lead to it."""
    tags = [f"tag:t{number}" for number in range(1200)]
    owners = {tag: [owner, owner] for tag, owner in pairwise(tags)} | {tags[-1]: []}
    text = json.dumps({"tagOwners": owners, "acls": []})

    assert read(release_named("0.28.0"), text)["tagOwners"] == owners
