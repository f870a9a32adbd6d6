"""Carries scenarios out against a started system, with readers beside them."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.faults import plan
from bench.faults.deeds import Deed, Deeds
from bench.faults.plan import Scenario
from bench.faults.verdict import Case
from network.headscale.simulator import control, journal
from tests.commands.stack import FINAL, MACHINES, Stack

LIMIT_S = 60.0
SPARES_A_SCENARIO = 2
SYNC_INTERVAL = "5"
_LOOK_S = 0.1
_READ_S = 0.2
_MOMENT_LIMIT_S = 8.0
_NO_ANSWER = (OSError, http.client.HTTPException, ValueError)
_READS = ("/api/nodes", "/api/dashboard/stats?with=problems")


@dataclass(slots=True)
class Asked:
    """A deed on its way: the number of its command as soon as one is known."""

    deed: Deed
    key: str
    command: int | None = None
    state: str = ""
    seconds: float = 0.0


class Readers(threading.Thread):
    """People who look at pages all the while; counts answers, and those that must not be."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(daemon=True)
        self._stack, self._over = stack, threading.Event()
        self.answers, self.without, self.server_errors = 0, 0, 0

    def run(self) -> None:
        while not self._over.wait(_READ_S):
            for path in _READS:
                self._read(path)

    def _read(self, path: str) -> None:
        try:
            status, _ = self._stack.call("GET", path)
        except _NO_ANSWER:
            self.without += 1
            return
        self.answers += 1
        self.server_errors += status >= 500  # noqa: PLR2004  # the class of an HTTP status

    def stop(self) -> None:
        """End after the present question."""
        self._over.set()
        self.join()


class Harness:
    """A system in which scenarios happen one after the other."""

    def __init__(self, folder: Path, database_url: str) -> None:
        self.stack = Stack(folder, database_url=database_url, FARMQ_SYNC_INTERVAL=SYNC_INTERVAL)
        self.deeds = Deeds(MACHINES)
        self.kills: dict[str, int] = dict.fromkeys(plan.VICTIMS, 0)
        self.missed = 0
        self._asked = 0
        self._joined: list[int] = []

    def carry_out(self, scenario: Scenario) -> list[Case]:
        """Ask, kill, heal, and wait until every command is final or a minute is over."""
        self._know_spares()
        self._joined += [self._join() for _ in range(SPARES_A_SCENARIO)]
        since = self.stack.witness.length()
        self.stack.fail(*([scenario.fault] if scenario.fault else []))
        asked = [self._ask(self.deeds.of(verb)) for verb in scenario.verbs]
        self._wait_for_moment(scenario, asked[0].deed, since)
        for victim, delay_s in zip(scenario.victims, scenario.delays_s, strict=True):
            time.sleep(delay_s)
            self._kill(victim, since)
        if plan.BROKER in scenario.victims:
            time.sleep(scenario.away_s)
        if scenario.moment != plan.ANY_TIME:
            self.stack.fail()
        cases = self._settled(asked)
        self.stack.heal()
        return cases

    def entries(self) -> list[journal.Entry]:
        """Return all that the engine's journal holds."""
        path = self.stack.witness.path
        assert not path.with_name(f"{path.name}.1").exists(), "the journal was put aside"
        return journal.read(path)

    def stop(self) -> None:
        """End everything that was started here."""
        self.stack.stop()

    def _join(self) -> int:
        return control.join(self.stack.config, f"spare-{self.stack.witness.length()}", "site-one")

    def _know_spares(self) -> None:
        """Take for deeds what has joined and is listed by now."""
        for node in list(self._joined):
            with contextlib.suppress(*_NO_ANSWER):
                status, _ = self.stack.call("GET", f"/api/nodes/{node}")
                if status == 200:  # noqa: PLR2004  # HTTP: found
                    self._joined.remove(node)
                    self.deeds.spares.append(node)

    def _ask(self, deed: Deed) -> Asked:
        self._asked += 1
        asked = Asked(deed, f"faults-{self._asked}")
        self._try(asked)
        return asked

    def _try(self, asked: Asked) -> None:
        """Ask, or ask again with the same key: an answer may have been lost on its way."""
        deed = asked.deed
        headers = {"Prefer": "respond-async", "Idempotency-Key": asked.key}
        with contextlib.suppress(*_NO_ANSWER):
            status, answer = self.stack.call(deed.method, deed.path, deed.body, **headers)
            assert status in (200, 202, 409, 502, 503), (deed, status, answer)
            if status == 202:  # noqa: PLR2004  # HTTP: accepted
                asked.command = answer["data"]["id"]

    def _wait_for_moment(self, scenario: Scenario, deed: Deed, since: int) -> None:
        if scenario.moment == plan.ANY_TIME:
            return
        wanted: Callable[[journal.Entry], bool] = {
            plan.BEFORE: lambda one: (one.verb, one.phase) == ("nodes list", journal.START),
            plan.DURING: lambda one: deed.made(one) and one.phase == journal.BEFORE,
            plan.AFTER: lambda one: deed.made(one) and one.phase == journal.AFTER,
        }[scenario.moment]
        if self._event(wanted, since) is None:
            self.missed += 1

    def _event(self, wanted: Callable[[journal.Entry], bool], since: int) -> journal.Entry | None:
        deadline = time.monotonic() + _MOMENT_LIMIT_S
        while time.monotonic() < deadline:
            for entry in journal.read(self.stack.witness.path)[since:]:
                if wanted(entry):
                    return entry
            time.sleep(_LOOK_S / 2)
        return None

    def _kill(self, victim: str, since: int) -> None:
        self.kills[victim] += 1
        if victim == plan.BROKER:
            if self.stack.broker.runs():
                self.stack.broker.kill()
        elif victim == plan.CHILD:
            self._kill_child(since)
        else:
            self.stack.kill(victim)

    def _kill_child(self, since: int) -> None:
        """Kill the pool child that called the engine last, else any."""
        calls = [one.ppid for one in journal.read(self.stack.witness.path)[since:]]
        children = _children(self.stack.processes["worker"].pid)
        chosen = [pid for pid in reversed(calls) if pid in children] or sorted(children)
        with contextlib.suppress(ProcessLookupError, IndexError):
            os.kill(chosen[0], signal.SIGKILL)

    def _settled(self, asked: list[Asked]) -> list[Case]:
        """Guard what runs, as a supervisor does, until nothing is open any more."""
        started = time.monotonic()
        while time.monotonic() - started < LIMIT_S:
            if not self.stack.broker.runs():
                self.stack.broker.again()
            self.stack.guard()
            for one in asked:
                self._look(one, started)
            if all(one.state in FINAL for one in asked):
                break
            time.sleep(_LOOK_S)
        return [
            Case(one.deed, one.command, one.state, round(one.seconds, 2), one.state in FINAL)
            for one in asked
        ]

    def _look(self, asked: Asked, started: float) -> None:
        if asked.command is None:
            self._try(asked)
        if asked.command is None or asked.state in FINAL:
            return
        answer: Any = None
        with contextlib.suppress(*_NO_ANSWER):
            status, answer = self.stack.call("GET", f"/api/commands/{asked.command}")
            assert status == 200, (asked, status, answer)  # noqa: PLR2004  # HTTP: found
            asked.state = str(answer["data"]["state"])
            asked.seconds = time.monotonic() - started


def _children(pid: int) -> set[int]:
    """Return the processes whose parent is this one."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    with contextlib.suppress(OSError):
        return {int(word) for word in listed.read_text().split()}
    return set()
