from __future__ import annotations

from pathlib import Path

import pytest

from network.headscale.simulator import journal
from network.headscale.simulator.config import create, load
from network.headscale.simulator.masking import without_secrets
from network.headscale.simulator.state import Store
from network.headscale.simulator.tests.conversation import NOON, ask, read


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    return create(tmp_path, pharmacies=2, now=NOON)


def entries(config: Path) -> list[journal.Entry]:
    return journal.read(load(config).journal)


def test_a_change_leaves_four_events_of_one_call(demo: Path) -> None:
    ask(demo, "nodes", "rename", "-i", "1", "other")

    found = entries(demo)

    assert [entry.phase for entry in found] == ["start", "before_effect", "after_effect", "exit"]
    assert len({entry.call for entry in found}) == 1
    assert found[-1].exit == 0
    assert found[2].target == "1"
    assert found[2].argv == ("nodes", "rename", "-i", "1", "other")


def test_a_question_leaves_a_start_and_an_end(demo: Path) -> None:
    ask(demo, "nodes", "list")

    assert [entry.phase for entry in entries(demo)] == ["start", "exit"]


def test_a_refused_change_has_no_effect(demo: Path) -> None:
    ask(demo, "nodes", "rename", "-i", "1", "조제실")

    assert journal.effects(entries(demo)) == []
    assert entries(demo)[-1].exit == 1


def test_no_journal_means_no_events(tmp_path: Path) -> None:
    assert journal.read(tmp_path / "none.jsonl") == []


def test_the_witness_of_a_killed_process_comes_with_the_next_call(demo: Path) -> None:
    ask(demo, "nodes", "rename", "-i", "1", "other")
    lost = journal.line(journal.effects(entries(demo))[0]).replace("other", "lost")
    store = Store(load(demo).state)
    store.post(lost.replace(entries(demo)[0].call, "another-call"))
    store.close()

    ask(demo, "users", "list")

    effects = [entry.effect for entry in journal.effects(entries(demo))]
    assert [effect["given_name"] for effect in effects if effect] == ["other", "lost"]


def test_a_line_written_twice_counts_once(demo: Path) -> None:
    ask(demo, "nodes", "rename", "-i", "1", "other")
    effect = journal.effects(entries(demo))[0]
    journal.append(load(demo).journal, journal.line(effect))

    assert journal.effects(entries(demo)) == [effect]


def test_a_journal_that_grows_too_large_is_put_aside(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"

    for text in ("one", "two", "three"):
        journal.append(path, text, limit_bytes=6)

    assert (tmp_path / "journal.jsonl.1").read_text() == "one\ntwo\n"
    assert path.read_text() == "three\n"


def test_keys_never_reach_the_journal(tmp_path: Path) -> None:
    config = create(tmp_path, release="0.26.1", pharmacies=1, now=NOON)
    code = 24 * "c"
    key = read(config, "preauthkeys", "create", "-u", "1")["key"]
    ask(config, "preauthkeys", "expire", "-u", "1", key)
    ask(config, "debug", "create-node", "--name", "pc", "--user", "p0001", "--key", code)
    ask(config, "nodes", "register", "-u", "p0001", f"--key={code}")

    text = load(config).journal.read_text()

    assert key not in text
    assert code not in text
    assert len(journal.effects(entries(config))) == 4


@pytest.mark.parametrize(
    ("word", "masked"),
    [
        ("hskey-auth-0123456789ab-" + 64 * "f", "***"),
        ("--auth-id=hskey-authreq-" + 24 * "a", "--auth-id=***"),
        ("-k" + 24 * "a", "-k***"),
        ("counter-1", "counter-1"),
    ],
)
def test_what_may_be_a_key_is_masked(word: str, masked: str) -> None:
    assert without_secrets(("nodes", word)) == ("nodes", masked)
