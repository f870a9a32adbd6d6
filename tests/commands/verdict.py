"""The judge: what happened to the engine, from its journal alone."""

from __future__ import annotations

import time
from pathlib import Path

from network.headscale.simulator import journal


class Witness:
    """Reads one journal; believes nothing else."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def effects(self, verb: str, target: str) -> int:
        """How often a verb has changed a target."""
        found = journal.effects(journal.read(self.path))
        return len(
            [one for one in found if one.effect and (one.verb, one.target) == (verb, target)]
        )

    def seen(self, verb: str, phase: str, since: int) -> journal.Entry | None:
        """The first event of a verb and phase after so many events."""
        entries = journal.read(self.path)[since:]
        return next((one for one in entries if (one.verb, one.phase) == (verb, phase)), None)

    def length(self) -> int:
        """How many events there are so far."""
        return len(journal.read(self.path))

    def wait_for(self, verb: str, phase: str, since: int) -> journal.Entry:
        """The next event of a verb and phase, within ten seconds."""
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if found := self.seen(verb, phase, since):
                return found
            time.sleep(0.01)
        raise AssertionError(f"{verb} never came to {phase}")
