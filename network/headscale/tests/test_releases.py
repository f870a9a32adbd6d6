"""Which release answers is found out, and what a release lacks is refused before it is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from network.headscale.client import HeadscaleClient, InvalidArgumentError, UnavailableError
from network.headscale.features import (
    FEATURES,
    RELEASES,
    Release,
    lacks,
    release_of,
    series_of,
)
from network.headscale.process import Completed
from network.headscale.tests.replaying import ReplayingRunner, answered
from tests.contract.recorded import cases

AT = datetime(2027, 1, 1, tzinfo=UTC)
AUTH = "hskey-authreq-" + "k" * 24
# Release → features that it lacks, from the recordings and the notes of the releases.
LACKING = {
    (0, 26): {
        *("health", "nodes.expire_at", "nodes.expire_never", "nodes.backfillips", "auth"),
        *("preauthkeys.by_id", "preauthkeys.delete", "preauthkeys.tags_only"),
        *("policy.server_check", "policy.self", "policy.tests", "policy.grants"),
        "lists.unlimited",
    },
    (0, 27): {
        *("nodes.expire_never", "auth", "preauthkeys.by_id", "preauthkeys.delete"),
        *("preauthkeys.tags_only", "policy.server_check", "policy.tests", "policy.grants"),
        "lists.unlimited",
    },
    (0, 28): {
        *("nodes.expire_never", "nodes.move", "nodes.clear_tags", "auth", "users.destroy"),
        *("preauthkeys.by_user", "policy.server_check", "policy.tests", "policy.grants"),
        "lists.unlimited",
    },
    (0, 29): {
        *("nodes.move", "nodes.register", "nodes.clear_tags", "preauthkeys.by_user"),
        *("policy.local_check", "lists.unlimited"),
    },
    (0, 30): {
        *("nodes.move", "nodes.register", "nodes.clear_tags", "preauthkeys.by_user"),
        "policy.local_check",
    },
}
# What is asked of a client, and the feature without which nothing is sent.
ASKED: dict[str, tuple[str, Callable[[HeadscaleClient], object]]] = {
    "health": ("health", lambda c: c.health()),
    "expire at": ("nodes.expire_at", lambda c: c.expire_node(1, AT)),
    "expire never": ("nodes.expire_never", lambda c: c.expire_node(1, never=True)),
    "move": ("nodes.move", lambda c: c.move_node(1, 2)),
    "backfillips": ("nodes.backfillips", lambda c: c.backfill_ips()),
    "register": ("nodes.register", lambda c: c.register_node("p0001", "k" * 24)),
    "auth register": ("auth", lambda c: c.register_node("p0001", AUTH)),
    "approve": ("auth", lambda c: c.approve_auth(AUTH)),
    "reject": ("auth", lambda c: c.reject_auth(AUTH)),
    "clear tags": ("nodes.clear_tags", lambda c: c.set_tags(1, ())),
    "destroy user": ("users.destroy", lambda c: c.destroy_user(1)),
    "delete key": ("preauthkeys.delete", lambda c: c.delete_preauth_key(1)),
    "key of tags": (
        "preauthkeys.tags_only",
        lambda c: c.create_preauth_key(None, tags=("tag:a",)),
    ),
}


def client_of(release: str | None, answers: dict[str, list[Completed]]) -> HeadscaleClient:
    return HeadscaleClient(run=ReplayingRunner(answers), release=release)


def sent_by(client: HeadscaleClient) -> list[str]:
    runner = client._run
    assert isinstance(runner, ReplayingRunner)
    return runner.verbs()


@pytest.mark.parametrize("release", RELEASES)
def test_a_release_lacks_exactly_this(release: Release) -> None:
    assert {name for name in FEATURES if lacks(release, name)} == LACKING[release]


def test_an_unknown_release_may_try_all_but_what_does_harm() -> None:
    assert [name for name in FEATURES if lacks(None, name)] == ["users.destroy"]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("name", ASKED)
def test_what_is_missing_is_not_sent(release: Release, name: str) -> None:
    feature, ask = ASKED[name]
    client = client_of(series_of(release), {})

    if feature in LACKING[release]:
        with pytest.raises(UnavailableError) as caught:
            ask(client)
        assert caught.value.reason == "unavailable"
        assert caught.value.sentence == FEATURES[feature].sentence
        assert sent_by(client) == []
    else:
        with pytest.raises(KeyError):  # The runner has no answer: it was asked.
            ask(client)


def test_destroying_a_user_needs_a_known_release() -> None:
    client = client_of(None, {})

    with pytest.raises(UnavailableError):
        client.destroy_user(1)

    assert sent_by(client) == []


def test_a_key_belongs_to_a_user_or_to_tags() -> None:
    with pytest.raises(InvalidArgumentError):
        client_of("0.29", {}).create_preauth_key(None)


@pytest.mark.parametrize(
    ("recorded", "release"),
    [("0.26.1", (0, 26)), ("0.28.0", (0, 28)), ("0.29.2", (0, 29)), ("0.30-dev", (0, 30))],
)
def test_a_build_without_number_is_told_by_what_it_knows(recorded: str, release: Release) -> None:
    found = {case.name: case for case in cases(recorded)}
    version, nodes = found["version-json-global-first"], found["usage/unknown-subcommand"]
    group = answered(OAUTH) if recorded == "0.30-dev" else answered(exit_status=1, stderr=UNKNOWN)
    answers = {
        "version": [answered(version.stdout)],
        "nodes": [answered(nodes.stdout)],
        "oauth-clients": [group],
    }

    assert client_of(None, answers).release() == release


OAUTH = "Manage OAuth clients\n\nAvailable Commands:\n  create  …\n  list    …\n\nFlags:\n"
UNKNOWN = 'Error: unknown command "oauth-clients" for "headscale"'


@pytest.mark.parametrize(
    ("text", "release"),
    [("v0.27.1", (0, 27)), ("0.26.1", (0, 26)), ("v0.29.2+dirty", (0, 29)), ("v1.0.0", (1, 0))],
)
def test_a_number_is_believed(text: str, release: Release) -> None:
    client = client_of(None, {"version": [answered(f'{{"version": "{text}"}}')]})

    assert client.release() == release
    assert sent_by(client) == ["version"]


def test_a_build_that_still_moves_machines_is_0_27() -> None:
    answers = {
        "version": [answered('{"version": "dev", "go": {}}')],
        "nodes": [answered("\nAvailable Commands:\n  list  x\n  move  x\n  register  x\n\n")],
    }

    assert client_of(None, answers).release() == (0, 27)


@pytest.mark.parametrize(
    ("text", "release"),
    [("0.28", (0, 28)), ("", None), ("dev", None), ("0.x", None), ("0.28.1", None), ("0", None)],
)
def test_a_series_is_read_and_written(text: str, release: Release | None) -> None:
    assert release_of(text) == release
    assert release is None or series_of(release) == text
    assert series_of(None) == ""
