"""Where the words of a policy stand: every name that rules, owners, approvers and tests use."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from network.policy.aliases import Alias, alias_of, destination_of
from network.policy.document import Document, Rule


class Use(NamedTuple):
    """A word, and the place that uses it, such as `acls 3`."""

    alias: Alias
    place: str


def place_of(rule: Rule | None) -> str:
    """Return where a rule stands; `-` for what no rule says."""
    return f"{rule.section} {rule.number}" if rule is not None else "-"


def words_of(rule: Rule) -> str:
    """Return a rule in one line, as people read it."""
    sources = ", ".join(alias.text for alias in rule.sources)
    destinations = ", ".join(dict.fromkeys(one.alias.text for one in rule.destinations))
    return f"{sources} → {destinations}"


def rule_uses(document: Document) -> Iterator[Use]:
    """List the words of the rules, in order."""
    for rule in document.rules:
        place = place_of(rule)
        yield from (Use(alias, place) for alias in rule.sources)
        yield from (Use(one.alias, place) for one in rule.destinations)
        yield from (Use(Alias("tag", tag), place) for tag in rule.via)


def all_uses(document: Document) -> Iterator[Use]:
    """List every word that the policy uses, rules first."""
    yield from rule_uses(document)
    for place, names in _lists(document):
        for name in names:
            alias = alias_of(name)
            if alias is not None:
                yield Use(alias, place)


def _lists(document: Document) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield from document.groups.items()
    yield from document.tag_owners.items()
    for route, names in document.auto_approvers.routes:
        yield f"autoApprovers {route}", names
    yield "autoApprovers exitNode", document.auto_approvers.exit_node
    for rule in document.ssh:
        yield f"ssh {rule.number}", (*rule.sources, *rule.destinations)


def asserted_uses(document: Document) -> Iterator[Use]:
    """List the words of the engine's own tests."""
    for test in document.tests:
        place = f"tests {test.number}"
        source = alias_of(test.source)
        if source is not None:
            yield Use(source, place)
        for text in (*test.accept, *test.deny):
            found = destination_of(text)
            if found is not None:
                yield Use(found[0], place)
