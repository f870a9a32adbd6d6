"""Twenty hostile values a verb through a real process: what arrives is the template."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from network.headscale.errors import InvalidArgumentError
from network.headscale.grammar import EachFlag, Verb
from network.headscale.process import run
from network.headscale.simulator import journal
from network.headscale.simulator.config import create, load
from network.headscale.simulator.masking import without_secrets
from tests.hostile.test_argument_lists import CHANGING, usual
from tests.hostile.words import hostile_words

PROGRAM = Path(__file__).parents[2] / "network" / "headscale" / "simulator" / "__main__.py"
EACH = 20


def rendered(verb: Verb) -> list[tuple[tuple[str, ...], bytes | None]]:
    """Return what is started for the first twenty hostile values that are not refused, if any."""
    good, found = usual(verb), []
    for word in hostile_words(1000, seed=1):
        for name in sorted(good):
            is_list = any(
                isinstance(part, EachFlag) and part.argument == name for part in verb.parts
            )
            values = good | {name: (word,) if is_list else word}
            try:
                found.append((verb.argv(values), verb.input(values)))
            except InvalidArgumentError:
                continue
        if len(found) >= EACH:
            break
    return found[:EACH] or [(verb.argv(good), verb.input(good))]


@pytest.mark.processes
@pytest.mark.parametrize("verb", CHANGING, ids=lambda verb: f"{verb.name} {len(verb.parts)}")
def test_what_arrives_is_what_was_meant(tmp_path: Path, verb: Verb) -> None:
    config = create(tmp_path, release="0.29.2")
    calls = rendered(verb)

    for argv, text in calls:
        command = (sys.executable, str(PROGRAM), "-c", str(config), *argv)
        run(command, env={"PATH": os.environ["PATH"]}, stdin=text, timeout_s=30)

    arrived = [
        entry.argv for entry in journal.read(load(config).journal) if entry.phase == journal.START
    ]
    # The journal keeps neither where the engine lies nor what may be a key.
    assert arrived == [without_secrets(argv) for argv, _ in calls]
