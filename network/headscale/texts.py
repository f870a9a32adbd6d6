"""What a few verbs print as text, whatever output is asked for: the policy, and two sentences."""

from __future__ import annotations

from collections.abc import Callable

from network.headscale.dialects import ShapeError
from network.headscale.types import Policy


def read_policy(text: str) -> Policy:
    """Read the stored policy: the text and one line break that the program adds."""
    if not text.endswith("\n") or "\0" in text:
        raise ShapeError("not a policy text")
    return Policy(text.removesuffix("\n"))


def _read_sentence(*known: str) -> Callable[[str], None]:
    """Make a reader of an answer that is one fixed sentence."""

    def read(text: str) -> None:
        if text.strip() not in known:
            raise ShapeError("not the expected sentence")

    return read


def read_help(text: str) -> frozenset[str]:
    """Read the names of the verbs that a group lists in its help."""
    _, found, rest = text.partition("Available Commands:\n")
    if not found:
        raise ShapeError("no help")
    lines = rest.partition("\n\n")[0].splitlines()
    return frozenset(line.split()[0] for line in lines if line.strip())


TEXT_READERS: dict[str, Callable[[str], object]] = {
    "policy": read_policy,
    "policy_updated": _read_sentence("Policy updated."),
    "policy_valid": _read_sentence("Policy is valid"),
    "help": read_help,
}
