"""What the client asks, with what limits, and that it believes no change it cannot read back."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from network.headscale.client import (
    HeadscaleClient,
    RejectedError,
    TimedOutError,
    UnreachableError,
    UnreadableError,
)
from network.headscale.process import Completed
from network.headscale.tests.replaying import ReplayingRunner, answered
from network.headscale.types import PreAuthKey, User
from tests.contract.recorded import RELEASES, cases

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
LEGACY = "0123456789abcdef" * 3
Change = Callable[[HeadscaleClient], object]


def client_on(answers: Mapping[str, Iterable[Completed]], **values: Any) -> HeadscaleClient:
    """A client with a fixed clock over invented answers."""
    runner = ReplayingRunner({verb: list(each) for verb, each in answers.items()})
    return HeadscaleClient(run=runner, clock=lambda: NOW, **values)


def runner_of(client: HeadscaleClient) -> ReplayingRunner:
    runner = client._run
    assert isinstance(runner, ReplayingRunner)
    return runner


def node(node_id: int = 1, name: str = "old", **fields: Any) -> dict[str, Any]:
    return {"id": node_id, "machine_key": f"mkey:{node_id}", "given_name": name} | fields


def key(key_id: int, shown: str = "hskey-auth-abcdefghijkl-***", **fields: Any) -> dict[str, Any]:
    return {"id": key_id, "key": shown, "user": {"id": 5, "name": "p0005"}} | fields


def listed(*values: Any) -> Completed:
    return answered(json.dumps(list(values)))


def one(value: Any) -> Completed:
    return answered(json.dumps(value))


def seconds(at: datetime) -> dict[str, int]:
    return {"seconds": int(at.timestamp())}


CHANGES: dict[str, tuple[Change, Completed, str, list[Any]]] = {
    "rename": (lambda c: c.rename_node(1, "new-name"), one(node()), "nodes list", [node()]),
    "expire": (lambda c: c.expire_node(1), one(node()), "nodes list", [node()]),
    "expire at": (lambda c: c.expire_node(1, NOW), one(node()), "nodes list", [node()]),
    "never": (
        lambda c: c.expire_node(1, never=True),
        one(node()),
        "nodes list",
        [node(expiry=seconds(NOW))],
    ),
    "delete": (lambda c: c.delete_node(1), one({}), "nodes list", [node()]),
    "user": (lambda c: c.create_user("p0007"), one({"id": 7, "name": "p0007"}), "users list", []),
    "key": (lambda c: c.create_preauth_key(5), one(key(9, "x")), "preauthkeys list", [key(8)]),
}
VERBS = {
    "rename": "nodes rename",
    "expire": "nodes expire",
    "expire at": "nodes expire",
    "never": "nodes expire",
    "delete": "nodes delete",
    "user": "users create",
    "key": "preauthkeys create",
}


@pytest.mark.parametrize("name", CHANGES)
def test_success_that_the_list_does_not_show_is_not_success(name: str) -> None:
    change, success, lists, old = CHANGES[name]
    client = client_on({VERBS[name]: [success], lists: [listed(*old)]})

    with pytest.raises(TimedOutError):
        change(client)

    assert runner_of(client).verbs() == [VERBS[name], lists]


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_that_cannot_be_read_back_is_not_known(name: str) -> None:
    change, success, lists, _ = CHANGES[name]
    for failure in (answered(b"[{"), answered(exit_status=1, stderr="no")):
        client = client_on({VERBS[name]: [success], lists: [failure]})

        with pytest.raises(TimedOutError):
            change(client)


@pytest.mark.parametrize("name", CHANGES)
def test_a_refused_change_is_refused_and_a_lost_one_unknown(name: str) -> None:
    change, _, lists, old = CHANGES[name]
    refused = answered(exit_status=1, stderr='{"error": "node not found"}')
    silent = answered(exit_status=1, stderr="context deadline exceeded")
    unsent = answered(exit_status=127, stderr="no program")

    with pytest.raises(RejectedError, match="node not found"):
        change(client_on({VERBS[name]: [refused], lists: [listed(*old)]}))
    with pytest.raises(TimedOutError):
        change(client_on({VERBS[name]: [silent], lists: [listed(*old)]}))
    with pytest.raises(UnreachableError):
        change(client_on({VERBS[name]: [unsent], lists: [listed(*old)]}))


def test_a_change_whose_answer_is_garbage_is_settled_by_the_list() -> None:
    renamed = listed(node(name="new-name"))

    found = client_on({"nodes rename": [answered(b"???")], "nodes list": [renamed]}).rename_node(
        1, "new-name"
    )
    client_on({"nodes delete": [answered(b"")], "nodes list": [listed(node(2))]}).delete_node(1)

    assert found.given_name == "new-name"


def test_a_key_whose_answer_is_garbage_is_not_known() -> None:
    client = client_on({"preauthkeys create": [answered(b"{")], "preauthkeys list": [listed()]})

    with pytest.raises(TimedOutError):
        client.create_preauth_key(5)


def test_a_deletion_that_was_not_confirmed_is_a_refusal() -> None:
    client = client_on({"nodes delete": [one({"Result": "Node not deleted"})]})

    with pytest.raises(RejectedError) as caught:
        client.delete_node(1)

    assert caught.value.reason == "not_confirmed"


def test_another_machine_with_the_wanted_name_proves_nothing() -> None:
    others = listed(node(1), node(2, "new-name"))
    client = client_on({"nodes rename": [one(node())], "nodes list": [others]})

    with pytest.raises(TimedOutError):
        client.rename_node(1, "new-name")


def test_the_same_id_twice_is_unreadable() -> None:
    with pytest.raises(UnreadableError):
        client_on({"nodes list": [listed(node(1), node(1, "b"))]}).nodes()


@pytest.mark.parametrize("release", RELEASES)
def test_recorded_changes_read_back_from_their_own_answers(release: str) -> None:
    recorded = {case.name: case for case in cases(release)}
    renamed, expired = recorded["nodes/rename"].stdout, recorded["nodes/expire"].stdout
    client = client_on(
        {
            "nodes rename": [answered(renamed)],
            "nodes expire": [answered(expired)],
            "nodes delete": [answered(recorded["nodes/delete"].stdout)],
            "nodes list": [answered(f"[{renamed}]"), answered(f"[{expired}]")],
            "users create": [answered(recorded["users/create"].stdout)],
            "users list": [answered(recorded["users/list"].stdout)],
        }
    )

    assert client.rename_node(1, "counter-1").given_name == "counter-1"
    assert client.expire_node(1).expires_at is not None
    client.delete_node(3)
    assert client.create_user("pharm-0001").id == 1


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
    environment.pop("DOCKER_HOST", None)
    environment.pop("DOCKER_CONTEXT", None)
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
