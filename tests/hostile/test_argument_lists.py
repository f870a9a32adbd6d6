"""A thousand hostile values a verb: refused, or one word of the template and nothing else.

The judge is the grammar of the simulated engine, which shares nothing with the side that renders.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from network.headscale.commands import VERBS
from network.headscale.errors import InvalidArgumentError
from network.headscale.features import lacks, release_of
from network.headscale.grammar import EachFlag, Verb
from network.headscale.simulator.commandline import find
from network.headscale.simulator.errors import UsageError
from network.headscale.simulator.releases import RELEASES, release_named
from tests.hostile.words import hostile_words

WORDS = 1000
CHANGING = [verb for verb in VERBS if verb.changes and (verb.parts or verb.stdin)]
USUAL: dict[str, Any] = {
    "node_id": 7,
    "user_id": 7,
    "key_id": 7,
    "new_name": "counter-1",
    "user_name": "p0001",
    "owner_name": "p0001",
    "display_name": "가나약국",
    "email": "a@example.test",
    "lifetime": "24h",
    "at": datetime(2030, 1, 1, tzinfo=UTC),
    "tags": ("tag:desk",),
    "routes": ("10.0.0.0/24",),
    "key": "a" * 48,
    "registration_key": "a" * 24,
    "auth_id": f"hskey-authreq-{'a' * 24}",
    "api_key_prefix": "abcdefg",
    "policy_text": "{}",
}


def usual(verb: Verb) -> dict[str, Any]:
    """Return a value for every argument of a verb."""
    names = [part.argument for part in verb.parts] + ([verb.stdin] if verb.stdin else [])
    return {name: USUAL.get(name, True) for name in names}


def knowing(verb: Verb) -> list[Any]:
    """Return the releases whose grammar has a verb."""
    return [
        release_named(name)
        for name in RELEASES
        if not verb.feature or lacks(release_of(name[:4]), verb.feature) is None
    ]


def flags_of(verb: Verb, template: tuple[str, ...]) -> list[tuple[Any, set[str], int]]:
    """Return each release that understands the template, with what it sees in it."""
    seen = []
    for release in knowing(verb):
        try:
            given, free = read_by_engine(release, template)
        except UsageError:  # An argument that came with a later release.
            continue
        seen.append((release, given, len(free)))
    assert seen
    return seen


def read_by_engine(release: Any, argv: tuple[str, ...]) -> tuple[set[str], list[str]]:
    """Return the flags that an engine sees in the words, and its free words."""
    line = find(release, argv)
    line.parsed.read(line.words)
    return line.parsed.given, line.parsed.arguments


@pytest.mark.parametrize("verb", CHANGING, ids=lambda verb: f"{verb.name} {len(verb.parts)}")
def test_no_value_becomes_anything_but_its_own_word(verb: Verb) -> None:
    good = usual(verb)
    template = verb.argv(good)
    seen, passed = flags_of(verb, template), 0

    for number, word in enumerate(hostile_words(WORDS, seed=len(verb.name))):
        name = sorted(good)[number % len(good)]
        is_list = any(isinstance(part, EachFlag) and part.argument == name for part in verb.parts)
        values = good | {name: (word,) if is_list else word}
        try:
            argv, text = verb.argv(values), verb.input(values)
        except InvalidArgumentError:
            continue
        passed += 1
        if name == verb.stdin:
            assert (argv, text) == (template, word.encode())
            continue
        differing = [(a, b) for a, b in zip(template, argv, strict=True) if a != b]
        assert all(b == word or b.endswith(f"={word}") for _, b in differing)
        assert len(differing) <= 1
        for release, flags, count in seen:
            given, free = read_by_engine(release, argv)
            assert (given, len(free)) == (flags, count)

    assert passed < WORDS
