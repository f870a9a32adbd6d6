from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.headscale.simulator.config import create
from network.headscale.simulator.durations import go_seconds, key_life
from network.headscale.simulator.engine import VERBS
from network.headscale.simulator.grammar.command import Command
from network.headscale.simulator.grammar.tree import root
from network.headscale.simulator.names import label_problem, names_of_device
from network.headscale.simulator.releases import RELEASES, release_named
from network.headscale.simulator.rendering import go_json
from network.headscale.simulator.tests.conversation import NOON, ask

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(value=JSON)
def test_json_says_the_same_in_both_forms(value: Any) -> None:
    assert json.loads(go_json(value)) == value
    assert json.loads(go_json(value, one_line=True)) == value


def test_json_is_indented_by_tabs_and_harmless_in_html() -> None:
    assert go_json({"a": [1], "b": [], "c": "<&>약국"}) == (
        '{\n\t"a": [\n\t\t1\n\t],\n\t"b": [],\n\t"c": "\\u003c\\u0026\\u003e약국"\n}'
    )


@pytest.mark.parametrize("release", RELEASES)
def test_tables_have_a_line_a_machine(tmp_path: Path, release: str) -> None:
    config = create(tmp_path, release=release, pharmacies=2, now=NOON)

    lines = ask(config, "nodes", "list").stdout.decode().splitlines()

    assert len(lines) == 1 + len(json.loads(ask(config, "-ojson", "nodes", "list").stdout))
    assert "p0001-gateway" in lines[1]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("words", [("--help",), ("nodes",), ("nodes", "list", "-h"), ()])
def test_help_is_a_success(tmp_path: Path, release: str, words: tuple[str, ...]) -> None:
    completed = ask(create(tmp_path, release=release), *words)

    assert completed.exit_status == 0
    assert b"Usage:" in completed.stdout


@pytest.mark.parametrize("release", RELEASES)
def test_everything_that_the_grammar_knows_is_simulated(release: str) -> None:
    assert verbs_below(root(release_named(release), ())) <= set(VERBS)


def verbs_below(command: Command) -> set[str]:
    own = {command.verb} - {""}
    return own.union(*(verbs_below(child) for child in command.children))


@pytest.mark.parametrize(
    ("release", "name", "fine"),
    [
        ("0.26.1", "a.b", True),
        ("0.26.1", "Ab", False),
        ("0.27.1", "a", False),
        ("0.27.1", "abc-", False),
        ("0.28.0", ".ab", False),
        ("0.28.0", "조제실", False),
        ("0.29.2", "Counter-2", True),
        ("0.29.2", "a.b", False),
        ("0.30-dev", "", False),
        ("0.30-dev", 64 * "y", False),
        ("0.30-dev", 63 * "y", True),
    ],
)
def test_labels_are_judged_as_the_release_does(release: str, name: str, fine: bool) -> None:
    assert (label_problem(release_named(release), name) is None) is fine


def test_the_second_machine_of_a_name_gets_another_label() -> None:
    taken = {"pc"}

    assert names_of_device(release_named("0.29.2"), "PC", taken) == ("PC", "pc-1")
    assert names_of_device(release_named("0.28.0"), "PC", taken)[1].startswith("pc-")
    assert names_of_device(release_named("0.26.1"), "조제실-PC", taken)[1] == "-pc"
    assert names_of_device(release_named("0.27.1"), "조제실-PC", taken)[0].startswith("invalid-")


@pytest.mark.parametrize("text", ["", "tomorrow", "1", "1x", "h1", "-1h"])
def test_what_is_no_life_of_a_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="duration string"):
        key_life(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("5s", 5), ("1m30s", 90), ("250ms", 0.25), ("1.5h", 5400), ("soon", 9)]
)
def test_time_limits_are_read_like_go_does(text: str, seconds: float) -> None:
    assert go_seconds(text, 9) == seconds
