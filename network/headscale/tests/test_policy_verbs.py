"""The policy travels as input, byte for byte, and never on the argument list."""

from __future__ import annotations

from typing import Any

import pytest

from network.headscale.client import (
    HeadscaleClient,
    InvalidArgumentError,
    RejectedError,
    TimedOutError,
    UnreadableError,
)
from network.headscale.process import Completed
from network.headscale.tests.replaying import ReplayingRunner, answered
from tests.contract.recorded import RELEASES, cases

TEXT = '// 약국 격리\n{"acls": [],}\n'
UPDATED = answered("Policy updated.\n")
VALID = answered("Policy is valid\n")


def client_on(answers: dict[str, list[Completed]], **values: Any) -> HeadscaleClient:
    return HeadscaleClient(run=ReplayingRunner(answers), **values)


def runner_of(client: HeadscaleClient) -> ReplayingRunner:
    runner = client._run
    assert isinstance(runner, ReplayingRunner)
    return runner


def test_a_policy_is_set_by_input_and_read_back() -> None:
    client = client_on({"policy set": [UPDATED], "policy get": [answered(f"{TEXT}\n")]})

    stored = client.set_policy(TEXT)

    runner = runner_of(client)
    assert stored.text == TEXT
    assert runner.inputs == [TEXT.encode(), None]
    assert runner.argvs[0][1:] == ("-o", "json", "policy", "set", "-f", "/dev/stdin")
    assert not any("약국" in word for argv in runner.argvs for word in argv)


@pytest.mark.parametrize("shown", [TEXT[:-1] + "\n", TEXT + "\n\n", "\n", TEXT.upper() + "\n"])
def test_another_text_than_the_one_sent_is_not_success(shown: str) -> None:
    client = client_on({"policy set": [UPDATED], "policy get": [answered(shown)]})

    with pytest.raises(TimedOutError):
        client.set_policy(TEXT)


@pytest.mark.parametrize("release", RELEASES)
def test_no_policy_is_not_an_empty_one(release: str) -> None:
    found = {case.name: case for case in cases(release)}
    none = answered(exit_status=1, stderr=found["empty/policy-get"].stderr)
    empty = answered(found["policy/get-after-empty"].stdout)
    client = client_on({"policy get": [none, empty]})

    assert client.policy() is None
    stored = client.policy()
    assert stored is not None
    assert stored.text == ""


@pytest.mark.parametrize("shown", [b"{}", b"", b"{}\0\n", b"\xff\n"])
def test_no_other_bytes_are_a_policy(shown: bytes) -> None:
    with pytest.raises(UnreadableError):
        client_on({"policy get": [answered(shown)]}).policy()


def test_a_server_checks_from_0_29_on() -> None:
    client = client_on({"policy check": [VALID]}, release="0.29", command=("hs", "-c", "/c.yaml"))

    client.check_policy(TEXT)

    runner = runner_of(client)
    assert runner.argvs == [
        ("hs", "-c", "/c.yaml", "-o", "json", "policy", "check", "-f", "/dev/stdin")
    ]
    assert runner.inputs == [TEXT.encode()]


@pytest.mark.parametrize("flag", ["-c", "--config"])
@pytest.mark.parametrize("release", ["0.26", "0.27", "0.28"])
def test_before_that_the_program_checks_alone(release: str, flag: str) -> None:
    command = ("docker", "exec", "box", "hs", flag, "/c.yaml")
    client = client_on({"policy check": [VALID]}, release=release, command=command)

    client.check_policy(TEXT)

    runner = runner_of(client)
    (argv,) = runner.argvs
    assert argv[:3] == ("docker", "exec", "-i")
    assert argv[-6:] == ("box", "hs", "policy", "check", "-f", "/dev/stdin")
    assert "HEADSCALE_CONFIG" in argv
    assert runner.environments[0]["HEADSCALE_CONFIG"] == "/c.yaml"


def test_a_program_of_unknown_release_may_know_the_old_way_only() -> None:
    unknown = answered(exit_status=1, stderr="unknown shorthand flag: 'o' in -o\n")
    client = client_on({"policy check": [unknown, VALID]})

    client.check_policy(TEXT)

    assert runner_of(client).argvs == [
        ("headscale", "-o", "json", "policy", "check", "-f", "/dev/stdin"),
        ("headscale", "policy", "check", "-f", "/dev/stdin"),
    ]


def test_a_known_release_is_asked_once() -> None:
    unknown = answered(exit_status=1, stderr="unknown shorthand flag: 'o' in -o\n")
    client = client_on({"policy check": [unknown, VALID]}, release="0.29")

    with pytest.raises(RejectedError):
        client.check_policy(TEXT)


def test_a_refusal_of_several_lines_is_kept_whole() -> None:
    words = (
        'Error parsing the policy file: parsing policy: Invalid alias "x::". An alias must be one '
        "of the following types:\n- wildcard (*)\n- host\n"
    )
    client = client_on({"policy check": [answered(exit_status=1, stderr=words)]}, release="0.28")

    with pytest.raises(RejectedError, match='Invalid alias "x::"') as caught:
        client.check_policy(TEXT)

    assert caught.value.reason == "policy_invalid"
    assert caught.value.engine.endswith("- host")


@pytest.mark.parametrize("release", ["0.29.2", "0.30-dev"])
def test_failing_tests_of_a_policy_are_a_refusal_in_the_words_of_the_engine(release: str) -> None:
    case = next(case for case in cases(release) if case.name == "policy/check-tests-fail")
    client = client_on({"policy check": [answered(exit_status=1, stderr=case.stderr)]})

    with pytest.raises(RejectedError, match="expected ALLOWED, got DENIED") as caught:
        client.check_policy(TEXT)

    assert caught.value.reason == "policy_tests_failed"


@pytest.mark.parametrize(
    "bad", ["\0", "\ud800", "x" * (1024 * 1024 + 1), None, b"{}", 1], ids=ascii
)
def test_no_text_that_cannot_travel(bad: Any) -> None:
    client = client_on({})

    with pytest.raises(InvalidArgumentError):
        client.set_policy(bad)
    with pytest.raises(InvalidArgumentError):
        client.check_policy(bad)

    assert runner_of(client).argvs == []


@pytest.mark.parametrize(
    "words",
    [
        'rpc error: code = Unknown desc = reading policy from path "": open : no such file',
        "rpc error: code = Unknown desc = update is disabled for modes other than 'database'",
    ],
)
def test_a_policy_in_a_file_is_told_with_what_to_do(words: str) -> None:
    client = client_on({"policy get": [answered(exit_status=1, stderr=words)]})

    with pytest.raises(RejectedError) as caught:
        client.policy()

    assert caught.value.reason == "policy_is_a_file"
    assert "policy.mode를 database로" in caught.value.sentence
