"""One call of the engine as its verbs see it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from network.headscale.simulator import clock, journal
from network.headscale.simulator.config import Config
from network.headscale.simulator.errors import EngineError, refused
from network.headscale.simulator.faults import (
    APPLY_THEN_DIE,
    APPLY_THEN_HANG,
    RESTART,
    SLOW,
    Faults,
)
from network.headscale.simulator.flags import Parsed
from network.headscale.simulator.host import Host
from network.headscale.simulator.releases import Release
from network.headscale.simulator.roster import Roster
from network.headscale.simulator.state import Store


@dataclass(slots=True)
class Change:
    """A change in the making; the verb says what it did in `effect`."""

    effect: dict[str, Any] = field(default_factory=dict)


class Call:
    """One call: who is asked, what for, and everything a verb may touch."""

    def __init__(
        self,
        config: Config,
        store: Store,
        host: Host,
        *,
        argv: tuple[str, ...],
        verb: str,
        environment: Mapping[str, str],
    ) -> None:
        self.config = config
        self.store = store
        self.host = host
        self.argv = argv
        self.verb = verb
        self.environment = environment
        self.release: Release = config.release
        self.options = Parsed(())
        self.faults = Faults([])
        self.id = os.urandom(8).hex()
        self.target: str | None = None

    @cached_property
    def at_ns(self) -> int:
        """The instant of the call, the same throughout."""
        return self.config.now()

    @cached_property
    def roster(self) -> Roster:
        """What the engine knows. Renewed when a change begins."""
        return Roster(self.config, self.store, self.at_ns)

    @property
    def restarting(self) -> bool:
        """Whether the server has just started, so that nobody is connected yet."""
        fault = self.faults.get(RESTART)
        return fault is not None and self.at_ns < clock.from_text(fault.until)

    def refused(
        self, code: str, text: str, *, during: str, plain: str | None = None
    ) -> EngineError:
        """This will make the refusal of this call in the words of its release."""
        return refused(self.release, code, text, during=during, plain=plain)

    def record(self, phase: str, **values: Any) -> None:  # the fields of a journal entry
        """This will write one event of this call into the journal."""
        journal.append(self.config.journal, journal.line(self._entry(phase, **values)))

    @contextmanager
    def change(self, target: object) -> Iterator[Change]:
        """This will make a change: alone, whole or not at all, and witnessed by the journal.

        The witness line is stored with the change itself and moved to the journal afterwards, so
        that a process killed in between leaves neither a change without its line nor a line
        without its change.
        """
        self.target = str(target)
        self.record(journal.BEFORE)
        self._wait_before()
        change = Change()
        with self.store.transaction():
            self.__dict__.pop("roster", None)
            yield change
            entry = self._entry(journal.AFTER, effect=change.effect)
            self.store.post(journal.line(entry))
        self.__dict__.pop("roster", None)
        deliver(self.config, self.store)
        self._suffer_after()

    def _entry(self, phase: str, **values: Any) -> journal.Entry:  # the fields of a journal entry
        return journal.Entry(
            at=clock.wall_clock() / clock.SECOND,
            pid=os.getpid(),
            ppid=os.getppid(),
            phase=phase,
            argv=self.argv,
            verb=self.verb,
            target=self.target,
            exit=values.pop("exit", None),
            call=self.id,
            **values,
        )

    def _wait_before(self) -> None:
        slow = self.faults.get(SLOW)
        if slow is not None:
            self.host.sleep(slow.seconds)

    def _suffer_after(self) -> None:
        slow = self.faults.get(SLOW)
        if slow is not None:
            self.host.sleep(slow.after_s)
        if self.faults.get(APPLY_THEN_DIE):
            self.host.die()
        if self.faults.get(APPLY_THEN_HANG):
            self.host.hang()


def deliver(config: Config, store: Store) -> None:
    """This will move kept lines into the journal; at worst one is written twice."""
    for line_id, line in store.posted():
        journal.append(config.journal, line)
        store.unpost(line_id)
