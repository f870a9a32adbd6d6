"""Which processes are killed when, under which faults of the engine: a function of the seed."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from bench.faults.deeds import VERBS
from network.headscale.simulator import faults as f
from network.headscale.simulator.faults import Fault

WORKER, CHILD, BROKER, BEAT, WEB = "worker", "pool child", "broker", "beat", "web"
VICTIMS = (WORKER, CHILD, BROKER, BEAT, WEB)
BEFORE, DURING, AFTER, ANY_TIME = "before", "during", "after", "any time"
MOMENTS = (BEFORE, DURING, AFTER)
DEEDS_A_SCENARIO = 6
_PAUSE_S = 1.5
_LATE_S = 2.5
_ANY_TIME_S = 1.0
_TROUBLES = (
    None,
    Fault(f.SLOW, seconds=0.3),
    Fault(f.LATE_EFFECT, verb="nodes rename", seconds=_LATE_S, remaining=1),
    Fault(f.APPLY_THEN_DIE, verb="*e*", remaining=1),
    Fault(f.HANG, verb="nodes rename", remaining=1),
)


@dataclass(frozen=True, slots=True)
class Scenario:
    """Some deeds, and who is killed. A placed one waits until its first deed is at its `moment`.

    `delays_s` are the pauses before each kill; a broker is away for `away_s`.
    """

    name: str
    victims: tuple[str, ...]
    moment: str
    verbs: tuple[str, ...]
    fault: Fault | None
    delays_s: tuple[float, ...]
    away_s: float


def scenarios(seed: int) -> Iterator[Scenario]:
    """Give scenarios without end: all placed ones in a drawn order, a random one after each."""
    draws = random.Random(seed)  # noqa: S311  # a plan is no secret
    while True:
        placed = list(itertools.product(VICTIMS, MOMENTS))
        draws.shuffle(placed)
        for victim, moment in placed:
            yield _placed(victim, moment, draws)
            yield _at_any_time(draws)


def _placed(victim: str, moment: str, draws: random.Random) -> Scenario:
    verbs = tuple(draws.choices(VERBS, k=DEEDS_A_SCENARIO))
    fault = {
        BEFORE: Fault(f.SLOW, verb="nodes list", seconds=_PAUSE_S),
        DURING: Fault(f.SLOW, verb=verbs[0], seconds=_PAUSE_S, remaining=1),
        AFTER: Fault(f.SLOW, verb=verbs[0], after_s=_PAUSE_S, remaining=1),
    }[moment]
    return Scenario(
        f"{victim}, {moment}", (victim,), moment, verbs, fault, (0.0,), draws.uniform(0.2, 2)
    )


def _at_any_time(draws: random.Random) -> Scenario:
    victims = tuple(draws.choices(VICTIMS, k=draws.choice((1, 1, 2, 3))))
    fault = draws.choice(_TROUBLES)
    return Scenario(
        f"{' + '.join(victims)}, {ANY_TIME}, engine {fault.mode if fault else 'well'}",
        victims,
        ANY_TIME,
        tuple(draws.choices(VERBS, k=DEEDS_A_SCENARIO)),
        fault,
        tuple(draws.uniform(0, _ANY_TIME_S) for _ in victims),
        draws.uniform(0.2, 2),
    )
