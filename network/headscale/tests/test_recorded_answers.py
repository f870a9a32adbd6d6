"""Every recorded answer of the verbs in use, of every release, goes through the client."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from network.headscale import client
from network.headscale.commands import VERBS
from network.headscale.errors import HeadscaleError, RejectedError
from network.headscale.grammar import Verb
from network.headscale.process import Completed
from network.headscale.tests.replaying import answered
from network.headscale.types import Node
from tests.contract.recorded import RECORDINGS, RELEASES, Case, cases

TABLE = Path(__file__).with_name("expected_answers.txt")


def verb_of(case: Case) -> Verb | None:
    """The verb whose words stand in the recorded call."""
    line = f" {' '.join(case.argv)} "
    return next((verb for verb in VERBS if f" {verb.name} " in line), None)


def expectations() -> dict[tuple[str, str], str]:
    """(release, case) → what must come out."""
    found: dict[tuple[str, str], str] = {}
    for line in TABLE.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            name, _, rest = line.partition("  ")
            words = rest.split()
            each = words if len(words) > 1 else words * len(RELEASES)
            found |= {(release, name): word for release, word in zip(RELEASES, each, strict=True)}
    return {key: word for key, word in found.items() if word != "-"}


def relevant(release: str) -> dict[str, Case]:
    """The recorded cases of the verbs in use."""
    return {case.name: case for case in cases(release) if verb_of(case)}


def replayed(case: Case) -> Completed:
    """What the recorded call left behind."""
    return answered(case.stdout, exit_status=case.exit, stderr=case.stderr)


def outcome(case: Case) -> str:
    """What the client makes of a case, in the words of the table."""
    verb = verb_of(case)
    assert verb is not None
    try:
        value = client.interpret(verb, replayed(case))
    except RejectedError as error:
        return error.reason
    except HeadscaleError as error:
        return type(error).__name__.removesuffix("Error").lower()
    if isinstance(value, bool):
        return "deleted" if value else "kept"
    if isinstance(value, tuple | frozenset):
        return str(len(value))
    return "nothing" if value is None else type(value).__name__


def test_the_table_names_every_recorded_case() -> None:
    recorded = {(release, name) for release in RELEASES for name in relevant(release)}

    assert recorded == set(expectations())
    assert len(recorded) > 400


@pytest.mark.parametrize(("release", "name"), sorted(expectations()))
def test_a_recorded_answer_means(release: str, name: str) -> None:
    assert outcome(relevant(release)[name]) == expectations()[release, name]


@pytest.mark.parametrize("release", RELEASES)
def test_a_refusal_keeps_the_words_of_the_engine(release: str) -> None:
    verb = next(verb for verb in VERBS if verb.name == "nodes rename")

    with pytest.raises(RejectedError) as caught:
        client.interpret(verb, replayed(relevant(release)["nodes/rename-collision"]))

    assert "counter-1" in caught.value.engine
    assert not caught.value.engine.startswith("{")


@pytest.mark.parametrize("release", RELEASES)
def test_three_real_clients_are_read_in_full(release: str) -> None:
    text = (RECORDINGS / release / "nodes-with-real-clients.json").read_text("utf-8")
    verb = next(verb for verb in VERBS if verb.name == "nodes list")

    nodes = client.interpret(verb, answered(text))

    assert isinstance(nodes, tuple)
    assert [(node.id, node.given_name, node.online) for node in nodes] == [
        (1, "pc-a", True),
        (2, "pc-b", True),
        (3, "pc-c", True),
    ]
    assert [node.announced_routes for node in nodes] == [(), ("192.168.10.0/24",), ()]
    assert [node.user.name for node in nodes] == [
        element["user"]["name"] for element in json.loads(text)
    ]
    assert all(node.addresses[0].startswith("100.64.0.") for node in nodes)
    assert all(_is_complete(node) for node in nodes)


def _is_complete(node: Node) -> bool:
    keys = (node.machine_key, node.node_key, node.disco_key)
    prefixes = ("mkey:", "nodekey:", "discokey:")
    assert all(key.startswith(prefix) for key, prefix in zip(keys, prefixes, strict=True))
    assert node.register_method == "AUTH_KEY"
    assert node.expires_at is None
    assert node.created_at is not None
    return node.last_seen_at is not None and node.pre_auth_key_id is not None


@pytest.mark.parametrize("release", RELEASES)
def test_users_keys_and_expiries_are_read_in_full(release: str) -> None:
    found = {name: _value(case) for name, case in relevant(release).items() if not case.exit}

    assert (found["users/create"].name, found["users/create"].display_name) == (
        "pharm-0001",
        "서울약국",
    )
    assert found["users/create"].email == "seoul@example.test"
    key = found["preauthkeys/create"]
    assert (key.reusable, key.ephemeral, key.used, key.user.id) == (True, False, False, 1)
    assert (key.expires_at - key.created_at).total_seconds() == pytest.approx(86_400, abs=1)
    assert found["preauthkeys/create-ephemeral"].ephemeral
    assert set(found["preauthkeys/create-tags"].tags) == {"tag:kiosk", "tag:pharmacy"}
    assert found["nodes/rename"].given_name == "counter-1"
    assert found["nodes/expire"].expires_at is not None


def _value(case: Case) -> Any:  # the value depends on the case
    verb = verb_of(case)
    assert verb is not None
    try:
        return client.interpret(verb, replayed(case))
    except HeadscaleError:
        return None
