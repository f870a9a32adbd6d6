"""A policy is refused for what stands in its rules, in the words of each release."""

from __future__ import annotations

import pytest

from network.headscale.simulator.policies import read
from network.headscale.simulator.releases import RELEASES, release_named
from network.headscale.simulator.tests.conversation import refusal

FROM_BYTES = "parsing policy: parsing policy from bytes: "
SOURCE = 'json: cannot unmarshal JSON string into Go v2.AliasEnc within "/acls/0/src/0": '
TARGET = 'json: cannot unmarshal JSON string into Go v2.AliasWithPorts within "/acls/0/dst/0": '
ONLY_INTERNET = 'AutoGroup is invalid, got: "autogroup:self", must be one of [autogroup:internet]'
SOURCES = "for ACL sources, can be [autogroup:member autogroup:tagged"
NEWER_SOURCES = SOURCES.replace("sources,", 'sources: "autogroup:nope",')
BACKWARDS = "invalid port range: first port is greater than last port"
NO_PORT = "first port must be >0, or use '*' for wildcard"
NO_LIST = "json: cannot unmarshal object into Go struct field Policy.acls of type []v2.ACL"
MUST = "please define or remove the reference to it"


def rule(source: str, target: str = "*:22", *, more: str = "") -> str:
    return f'{{"acls": [{{"action": "accept", "src": ["{source}"], "dst": ["{target}"]}}]{more}}}'


@pytest.mark.parametrize(
    ("release", "text", "words"),
    [
        (
            "0.26.1",
            rule("desk"),
            f'parsing policy: Host "desk" is not defined in the Policy, {MUST}',
        ),
        (
            "0.28.0",
            rule("tag:x"),
            f'parsing policy: Tag "tag:x" is not defined in the Policy, {MUST}',
        ),
        ("0.29.2", rule("desk"), 'parsing policy: host not defined in policy: "desk"'),
        ("0.29.2", rule("group:g"), 'parsing policy: group not defined in policy: "group:g"'),
        ("0.30-dev", rule("tag:x"), 'parsing policy: src=tag not found: "tag:x"'),
        ("0.29.2", rule("x::"), f'{FROM_BYTES}{SOURCE}invalid alias format: "x::"'),
        ("0.26.1", rule("*", "*:99999"), f"{FROM_BYTES}port number out of range"),
        ("0.27.1", rule("*", "*"), f'{FROM_BYTES}{TARGET}hostport must contain a colon (":")'),
        ("0.29.2", rule("*", "*"), f"{FROM_BYTES}{TARGET}hostport must contain a colon"),
        ("0.26.1", rule("*", "*:9-8"), f"{FROM_BYTES}{BACKWARDS}"),
        (
            "0.29.2",
            rule("*", "*:9-8"),
            f'{FROM_BYTES}{TARGET}dst="*:9-8": port range "9-8": {BACKWARDS}',
        ),
        ("0.28.0", rule("*", "*:0"), f"{FROM_BYTES}{TARGET}{NO_PORT}"),
        ("0.26.1", '{"acls": {}}', f"{FROM_BYTES}{NO_LIST}"),
        ("0.28.0", rule("*", "*:"), f"{FROM_BYTES}{TARGET}input cannot end with a colon character"),
        (
            "0.26.1",
            rule("*", "autogroup:self:*"),
            FROM_BYTES + ONLY_INTERNET,
        ),
        (
            "0.27.1",
            rule("autogroup:nope"),
            f'parsing policy: autogroup "autogroup:nope" is not supported {SOURCES}]',
        ),
        (
            "0.29.2",
            rule("autogroup:nope"),
            f"parsing policy: autogroup not supported {NEWER_SOURCES} autogroup:danger-all]",
        ),
        (
            "0.26.1",
            "[]",
            f"{FROM_BYTES}json: cannot unmarshal array into Go value of type v2.Policy",
        ),
        ("0.29.2", '""', f"{FROM_BYTES}json: cannot unmarshal JSON string into Go v2.Policy"),
        (
            "0.28.0",
            '{"acls": "x"}',
            f'{FROM_BYTES}json: cannot unmarshal JSON string into Go []v2.ACL within "/acls"',
        ),
    ],
)
def test_a_word_that_cannot_be_is_refused_as_the_release_does(
    release: str, text: str, words: str
) -> None:
    assert refusal(release, text) == words


@pytest.mark.parametrize("release", ["0.27.1", "0.28.0"])
def test_an_alias_of_no_kind_is_refused_with_all_kinds(release: str) -> None:
    words = refusal(release, rule("x::"))

    assert words.startswith(f'{FROM_BYTES}{SOURCE}Invalid alias "x::". An alias must be one of')
    assert words.splitlines()[1:] == [
        "- wildcard (*)",
        '- user (containing an "@")',
        '- group (starting with "group:")',
        '- tag (starting with "tag:")',
        '- autogroup (starting with "autogroup:")',
        "- host",
    ]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize(
    "text",
    [
        *("null", "{}", '{"acls": null}', rule("nobody@", "nobody@:1-2,80")),
        rule("fd7a:115c:a1e0::1", "100.64.0.0/10:*"),
        rule(
            "group:g", "desk:443", more=', "groups": {"group:g": []}, "hosts": {"desk": "1.2.3.4"}'
        ),
        rule("tag:x", "tag:x:22", more=', "tagOwners": {"tag:x": ["a@"]}'),
    ],
)
def test_what_is_defined_is_read(release: str, text: str) -> None:
    assert isinstance(read(release_named(release), text), dict)


@pytest.mark.parametrize("release", ["0.27.1", "0.28.0", "0.29.2", "0.30-dev"])
def test_machines_of_the_same_user_are_a_destination_from_0_27_on(release: str) -> None:
    text = rule("autogroup:member", "autogroup:self:*")

    (own,) = read(release_named(release), text)["acls"]

    assert own["dst"] == ["autogroup:self:*"]
    assert "autogroup:self" in refusal("0.26.1", text)


@pytest.mark.parametrize("target", ["*", "*:0"])
def test_a_destination_of_no_port_is_read_in_0_26_only(target: str) -> None:
    text = rule("*", target)

    (wide,) = read(release_named("0.26.1"), text)["acls"]

    assert wide["dst"] == [target]
    assert all(refusal(release, text) for release in RELEASES if release != "0.26.1")


def test_an_address_in_brackets_is_read_from_0_29_on() -> None:
    text = rule("*", "[fd7a::1]:22")

    read(release_named("0.29.2"), text)
    assert "[fd7a::1]" in refusal("0.28.0", text)
