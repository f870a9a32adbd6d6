"""What a verb hands back, before a dialect turns it into bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from network.headscale.simulator.records import ApiKey, Key, Node, Pending, User

Record = User | Node | Key | ApiKey


@dataclass(frozen=True, slots=True)
class Records:
    """A list of records; `kind` names the columns when a person reads it.

    `never_null` is a list that is `[]` when it is empty, in every release.
    """

    kind: str
    items: Sequence[Record]
    never_null: bool = False


@dataclass(frozen=True, slots=True)
class One:
    """One record; `text` is what a person reads."""

    record: Record
    text: str
    secret: str | None = None


@dataclass(frozen=True, slots=True)
class Plain:
    """A value that is the same in both dialects; `text` is what a person reads."""

    value: object
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Raw:
    """Exact output, whatever `-o` says; the terminal sequences of a failed question, for one."""

    stdout: str
    stderr: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A machine that waits for its registration, and the user it wants to belong to."""

    item: Pending
    user: User


Answer = Records | One | Plain | Raw | Waiting


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a call."""

    exit_status: int
    stdout: bytes = b""
    stderr: bytes = b""
