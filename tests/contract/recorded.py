"""The recordings of real releases, as cases in the order in which they were made."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

RECORDINGS = Path(__file__).parent / "recordings"
RELEASES = ("0.26.1", "0.28.0", "0.29.2", "0.30-dev")


@dataclass(frozen=True, slots=True)
class Case:
    """One recorded call. `argv` is what followed `headscale -c FILE`."""

    name: str
    argv: tuple[str, ...]
    exit: int
    stdout: str
    stderr: str
    seconds: float


@cache
def cases(release: str) -> tuple[Case, ...]:
    """This will be all recorded calls of a release, oldest first."""
    path = RECORDINGS / release / "cli.json"
    document = json.loads(path.read_text(encoding="utf-8"))
    return tuple(
        Case(name=name, **(fields | {"argv": tuple(fields["argv"])}))
        for name, fields in document["cases"].items()
    )
