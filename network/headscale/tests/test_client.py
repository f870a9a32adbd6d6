"""What the client asks of which release, with what limits and in what environment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from network.headscale.client import (
    TimedOutError,
)
from network.headscale.errors import rejection
from network.headscale.tests.replaying import (
    NOW,
    answered,
    client_on,
    key,
    listed,
    node,
    one,
    runner_of,
    seconds,
)
from network.headscale.types import PreAuthKey, User

LEGACY = "0123456789abcdef" * 3


@pytest.mark.parametrize("release", ["0.28", "0.29", "0.30"])
def test_newer_releases_list_all_keys_at_once_and_expire_by_id(release: str) -> None:
    over = listed(key(9, expiration=seconds(NOW - timedelta(minutes=1))))
    answers = {"preauthkeys expire": [one({})], "preauthkeys list": [over]}
    client = client_on(answers, release=release)

    client.expire_preauth_key(_key(9, "hskey-auth-abcdefghijkl-***"))

    assert [argv[3:] for argv in runner_of(client).argvs] == [
        ("preauthkeys", "expire", "-i", "9"),
        ("preauthkeys", "list"),
    ]


@pytest.mark.parametrize("release", ["0.26", "0.27", None])
def test_older_releases_list_keys_per_user_and_expire_by_secret(release: str | None) -> None:
    users = listed({"id": 5, "name": "p0005"}, {"id": 6, "name": "p0006"})
    over = listed(key(9, LEGACY, expiration=seconds(NOW)))
    usage = answered(exit_status=1, stderr='required flag(s) "user" not set')
    lists = [over, listed()] if release else [usage, over, listed()]
    answers = {"preauthkeys expire": [one({})], "preauthkeys list": lists, "users list": [users]}
    client = client_on(answers, release=release)

    client.expire_preauth_key(_key(9, LEGACY))

    argvs = [argv[3:] for argv in runner_of(client).argvs]
    assert argvs[0] == ("preauthkeys", "expire", "-u", "5", "--", LEGACY)
    assert argvs[-2:] == [("preauthkeys", "list", "-u", "5"), ("preauthkeys", "list", "-u", "6")]


def test_a_key_that_is_still_valid_was_not_expired() -> None:
    valid = listed(key(9, expiration=seconds(NOW + timedelta(hours=1))))
    client = client_on({"preauthkeys expire": [one({})], "preauthkeys list": [valid]})

    with pytest.raises(TimedOutError):
        client.expire_preauth_key(_key(9, "hskey-auth-abcdefghijkl-***"))


def _key(key_id: int, secret: str) -> PreAuthKey:
    return PreAuthKey(key_id, secret, User(5, "p0005"), False, False, False, (), None, None)


def test_each_call_gets_its_limit_and_tells_it_to_the_program() -> None:
    client = client_on(
        {"nodes rename": [one(node())], "nodes list": [listed(node(name="ab"))]},
        change_timeout_s=90,
        read_timeout_s=20,
    )

    client.rename_node(1, "ab")

    runner = runner_of(client)
    assert runner.limits == [90, 20]
    assert [e["HEADSCALE_CLI_TIMEOUT"] for e in runner.environments] == ["89s", "19s"]


def test_the_program_gets_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "HEADSCALE_CLI_API_KEY", "LD_PRELOAD"):
        monkeypatch.setenv(name, "ours")
    monkeypatch.setenv("PATH", "/usr/bin")
    monkeypatch.setenv("HOME", "/home/somebody")
    client = client_on({"nodes list": [listed()]})

    client.nodes()

    environment = dict(runner_of(client).environments[0])
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        environment.pop(name, None)
    assert environment == {
        "PATH": "/usr/bin",
        "HOME": "/home/somebody",
        "LANG": "C.UTF-8",
        "HEADSCALE_CLI_TIMEOUT": "29s",
        "HEADSCALE_DISABLE_CHECK_UPDATES": "true",
        "HEADSCALE_LOG_FORMAT": "text",
        "HEADSCALE_LOG_LEVEL": "error",
    }


def test_a_container_is_told_the_names_of_our_variables_never_their_values() -> None:
    client = client_on(
        {"nodes list": [listed()]},
        command=("docker", "exec", "headscale", "headscale"),
        remote=("engine.test:443", "hskey-api-secret"),
    )

    client.nodes()

    (argv,) = runner_of(client).argvs
    named = [argv[at + 1] for at, word in enumerate(argv) if word == "-e"]
    assert argv[:2] == ("docker", "exec")
    assert argv[-6:] == ("headscale", "headscale", "-o", "json", "nodes", "list")
    assert {"HEADSCALE_CLI_TIMEOUT", "HEADSCALE_CLI_API_KEY", "HEADSCALE_CLI_ADDRESS"} <= set(named)
    assert not any("=" in word or "hskey" in word for word in argv)
    assert runner_of(client).environments[0]["HEADSCALE_CLI_API_KEY"] == "hskey-api-secret"


def test_an_engine_of_this_machine_is_called_as_it_is() -> None:
    client = client_on({"nodes list": [listed()]}, command=("hs", "-c", "config.yaml"))

    client.nodes()

    assert runner_of(client).argvs == [("hs", "-c", "config.yaml", "-o", "json", "nodes", "list")]


def test_a_distant_engine_may_have_an_authority_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/farmq/authority.pem")
    monkeypatch.setenv("SSL_KEY_FILE", "/etc/farmq/nobody-asked.pem")
    client = client_on({"nodes list": [listed()]}, remote=("engine.test:443", "hskey-api-secret"))

    client.nodes()

    given = runner_of(client).environments[0]
    assert given["SSL_CERT_FILE"] == "/etc/farmq/authority.pem"
    assert "SSL_KEY_FILE" not in given


@pytest.mark.parametrize(
    "words",
    [
        "rpc error: code = Internal desc = failed to validate token",
        "listing users: rpc error: code = Internal desc = validating token",
        "unexpected response status: Unauthorized",
    ],
)
def test_a_key_that_is_not_the_engines_is_said_with_what_to_do(words: str) -> None:
    refused = rejection(words)

    assert refused.reason == "key_refused"
    assert "api_key_file" in refused.sentence
