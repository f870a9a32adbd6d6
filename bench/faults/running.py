"""Runs scenarios for a while and sums up what came of them."""

from __future__ import annotations

import itertools
import os
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.faults.harness import Harness, Readers
from bench.faults.plan import Scenario, scenarios
from bench.faults.verdict import Case, Verdict, judge

# What an engine may still do after its caller was told that no answer came.
_REST_S = 4.0


def run(
    folder: Path, database_url: str, wanted: Iterable[Scenario], *, until: float | None = None
) -> dict[str, Any]:
    """Carry scenarios out, until a monotonic time if one is given; return figures and problems."""
    harness = Harness(folder, database_url)
    readers = Readers(harness.stack)
    readers.start()
    told: list[tuple[str, list[Case]]] = []
    try:
        for scenario in wanted:
            if until is not None and time.monotonic() >= until:
                break
            told.append((scenario.name, harness.carry_out(scenario)))
            _say(harness, told[-1])
        time.sleep(_REST_S)
        readers.stop()
        return _summed_up(harness, readers, told)
    finally:
        harness.stop()


def long_run(folder: Path, database_url: str, *, minutes: float, seed: int) -> dict[str, Any]:
    """Run the scenarios of a seed for so many minutes."""
    started = time.monotonic()
    load = os.getloadavg()[0]
    figures = run(folder, database_url, scenarios(seed), until=started + 60 * minutes)
    return {
        "seed": seed,
        "minutes": round((time.monotonic() - started) / 60, 1),
        "load": [round(load, 1), round(os.getloadavg()[2], 1)],
        **figures,
    }


def first(seed: int, count: int) -> Iterable[Scenario]:
    """Give the first so many scenarios of a seed."""
    return itertools.islice(scenarios(seed), count)


def _say(harness: Harness, told: tuple[str, list[Case]]) -> None:
    entries = harness.entries()
    wrong = [judge(case, entries) for case in told[1]]
    states = " ".join(f"{one.state}/{one.seconds:.0f}s" for one in told[1])
    problems = "; ".join(one.problem for one in wrong if one.problem)
    sys.stderr.write(f"{told[0]}: {states} {problems}\n")


def _summed_up(
    harness: Harness, readers: Readers, told: list[tuple[str, list[Case]]]
) -> dict[str, Any]:
    entries = harness.entries()
    verdicts = [(name, judge(case, entries)) for name, cases in told for case in cases]
    seconds = sorted(verdict.case.seconds for _, verdict in verdicts)
    return {
        "scenarios": len(told),
        "kills": harness.kills,
        "moments_missed": harness.missed,
        "commands": len(verdicts),
        "states": dict(Counter(verdict.case.state for _, verdict in verdicts)),
        "effects": dict(Counter(str(verdict.effects) for _, verdict in verdicts)),
        "seconds_until_final": {
            "median": round(statistics.median(seconds), 2),
            "p95": round(seconds[int(0.95 * (len(seconds) - 1))], 2),
            "worst": seconds[-1],
        },
        "reads": readers.answers,
        "reads_without_answer": readers.without,
        "server_errors": readers.server_errors,
        "problems": [_told(name, verdict) for name, verdict in verdicts if verdict.problem],
    }


def _told(name: str, verdict: Verdict) -> dict[str, Any]:
    case = verdict.case
    return {
        "scenario": name,
        "problem": verdict.problem,
        "effects": verdict.effects,
        "command": case.command,
        "state": case.state,
        "deed": asdict(case.deed),
    }
