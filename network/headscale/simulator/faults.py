"""What goes wrong, read from a control file beside the configuration at each call."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from network.headscale.simulator.config import FAULTS_NAME
from network.headscale.simulator.files import replace_file
from network.headscale.simulator.state import Store

# The server: away, silent, slow, or busy with a change that nobody waits for any more.
DOWN, FROZEN, SLOW, LATE_EFFECT, RESTART = "down", "frozen", "slow", "late_effect", "restart"
# The program: stuck, killed, or ending without a reason.
HANG, APPLY_THEN_HANG, APPLY_THEN_DIE, EXIT1 = "hang", "apply_then_hang", "apply_then_die", "exit1"
# The answer: wrong in some way.
EMPTY, TRUNCATE, GARBAGE, NOISE, HUGE = "empty", "truncate", "garbage", "noise", "huge"
PARTIAL, ALL_OFFLINE, DUPLICATE_IDS = "partial", "all_offline", "duplicate_ids"
OLD_ANSWER = "old_answer"
# The installation: another release answers; the call's environment goes into the journal.
OTHER_RELEASE, ENVIRONMENT = "other_release", "environment"
MODES = frozenset({
    DOWN, FROZEN, SLOW, LATE_EFFECT, RESTART, HANG, APPLY_THEN_HANG, APPLY_THEN_DIE, EXIT1, EMPTY,
    TRUNCATE, GARBAGE, NOISE, HUGE, PARTIAL, ALL_OFFLINE, DUPLICATE_IDS, OLD_ANSWER,
    OTHER_RELEASE, ENVIRONMENT,
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault. `verb` is a pattern such as "nodes *"; `remaining` calls meet it, None means all.

    `seconds`: how long `slow` waits before the effect, how long `late_effect` comes after the
    answer, how old the answer of `old_answer` is when it comes. `after_s`: how long `slow` waits
    after the effect. `size`: where `truncate` cuts, how many bytes `huge` writes. `until`: the ISO
    instant at which `restart` is over. `release`: who answers under `other_release`. `text`: the
    line of `noise`, the bytes of `garbage`.
    """

    mode: str
    verb: str = "*"
    remaining: int | None = None
    seconds: float = 0.0
    after_s: float = 0.0
    size: int = 0
    until: str = ""
    release: str = ""
    text: str = ""


def set_faults(config: Path, *faults: Fault) -> None:
    """This will replace all faults of an engine; without any, it works again."""
    for fault in faults:
        if fault.mode not in MODES:
            raise ValueError(f"unknown fault {fault.mode!r}")
    document = {"generation": os.urandom(8).hex(), "faults": [asdict(fault) for fault in faults]}
    replace_file(config.with_name(FAULTS_NAME), json.dumps(document, indent=2))


class Faults:
    """The faults that one call meets."""

    def __init__(self, met: list[Fault]) -> None:
        self._met = {fault.mode: fault for fault in reversed(met)}

    def get(self, *modes: str) -> Fault | None:
        """This will be the first of these faults that the call meets."""
        return next((self._met[mode] for mode in modes if mode in self._met), None)


def meet(path: Path, verb: str, store: Store) -> Faults:
    """This will work out which faults a call of this verb meets, and count them down."""
    if not path.exists():
        return Faults([])
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    met = [
        fault
        for number, fault in enumerate(Fault(**fields) for fields in document["faults"])
        if fnmatchcase(verb, fault.verb)
        and _has_calls_left(fault, f"{document['generation']}/{number}", store)
    ]
    return Faults(met)


def _has_calls_left(fault: Fault, name: str, store: Store) -> bool:
    if fault.remaining is None:
        return True
    with store.transaction():
        return store.count(f"fault/{name}") <= fault.remaining
