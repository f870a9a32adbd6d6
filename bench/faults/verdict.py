"""The judge: compares what each command says with what the engine's journal says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.faults.deeds import END_KEY, KEY, Deed
from network.headscale.simulator import journal
from network.headscale.simulator.journal import Entry

DONE, FAILED = "SUCCEEDED", "FAILED"


@dataclass(frozen=True, slots=True)
class Case:
    """A deed that was asked for; `state` is the command's last one, `seconds` until it was final.

    `command` is None when no answer ever came, not even to a repeated request.
    """

    deed: Deed
    command: int | None
    state: str
    seconds: float
    final: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """How often a deed's effect happened, and what is wrong about it ("" when nothing is)."""

    case: Case
    effects: int
    problem: str


def judge(case: Case, entries: Sequence[Entry]) -> Verdict:
    """Return the verdict over one case, from all that the journal holds."""
    happened = journal.effects(entries)
    mine = [entry for entry in happened if entry.effect and case.deed.made(entry)]
    return Verdict(case, len(mine), _problem(case, mine, happened))


def _problem(case: Case, mine: Sequence[Entry], happened: Sequence[Entry]) -> str:
    if len(mine) > 1:
        return "happened more than once"
    if case.command is None:
        return "no answer to a repeated request"
    if not case.final:
        return "not final in time"
    if case.state not in (DONE, FAILED):
        return f"left as {case.state}"
    return _contradiction(case, mine, happened)


def _contradiction(case: Case, mine: Sequence[Entry], happened: Sequence[Entry]) -> str:
    if case.state == DONE:
        return "" if mine else "called done, never happened"
    if not mine or _was_taken_back(case.deed, mine[0], happened):
        return ""
    return "called failed, happened"


def _was_taken_back(deed: Deed, made: Entry, happened: Sequence[Entry]) -> bool:
    """Say whether a key whose secret was lost has been ended: then it counts as never made."""
    if deed.verb != KEY or made.effect is None:
        return False
    number = str(made.effect["id"])
    return any((one.verb, one.target) == (END_KEY, number) for one in happened)
