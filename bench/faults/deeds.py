"""What is asked of the system, each so that its effect can be told from every other one."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from network.headscale.simulator.journal import Entry

RENAME, EXPIRE, DELETE = "nodes rename", "nodes expire", "nodes delete"
USER, KEY, END_KEY = "users create", "preauthkeys create", "preauthkeys expire"
# Sent once more when they provably never happened.
REPEATABLE = frozenset({RENAME, EXPIRE, DELETE})
VERBS = (RENAME, EXPIRE, DELETE, USER, KEY)


@dataclass(frozen=True, slots=True)
class Deed:
    """One change: how it is asked for, and the signs of its effect in the journal.

    `target` and `word` are compared when given; at least one of them is this deed's alone.
    """

    verb: str
    method: str
    path: str
    body: dict[str, Any] = field(default_factory=dict)
    target: str | None = None
    word: str | None = None

    def made(self, entry: Entry) -> bool:
        """Say whether an event of the journal is this deed's."""
        same_target = self.target is None or entry.target == self.target
        return (
            entry.verb == self.verb
            and same_target
            and (self.word is None or self.word in entry.argv)
        )


class Deeds:
    """Thinks up deeds; `spares` are machines that may still be expired or deleted, once each."""

    def __init__(self, lasting: int) -> None:
        self._lasting, self._numbers = lasting, itertools.count(1)
        self._turns: Iterator[int] = itertools.cycle(range(1, lasting + 1))
        self.spares: list[int] = []

    def of(self, verb: str) -> Deed:
        """Return a new deed of a verb; a rename where no spare machine is left."""
        number = next(self._numbers)
        if verb == USER:
            name = f"person-{number}"
            return Deed(verb, "POST", "/api/users", {"name": name}, target=name)
        if verb == KEY:
            life = f"{60 + number}m"
            path, sign = "/api/pharmacy/1/preauth-key", f"--expiration={life}"
            return Deed(verb, "POST", path, {"expires_in": life}, word=sign)
        if verb in (EXPIRE, DELETE) and self.spares:
            node = self.spares.pop(0)
            method, path = ("POST", "expire") if verb == EXPIRE else ("DELETE", "delete")
            return Deed(verb, method, f"/api/nodes/{node}/{path}", target=str(node))
        node, name = next(self._turns), f"till-{number}-x"
        body = {"new_name": name}
        return Deed(RENAME, "POST", f"/api/nodes/{node}/rename", body, str(node), name)
