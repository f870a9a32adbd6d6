"""How long it takes to make and to judge the policy of the house, with its proof for every pair.

The baseline is the same network with a third of the ordered pairs, in turn in the same run. Prints
one JSON object; run it with the project's Python from any folder.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from network.policy.generate import Shape  # noqa: E402  # the path had to come first
from network.policy.making import judge, make_policy  # noqa: E402
from network.policy.tests.networks import fleet  # noqa: E402

SIZES = (100, 500, 1_000)
SHAPES: tuple[Shape, ...] = ("HUB_SELF", "RULE_EACH")
RELEASE = (0, 29)
MACHINES_EACH = 2
ROUNDS = 5
# So many pharmacies have a third of the ordered pairs.
SHARE = math.sqrt(1 / 3)


def deeds(pharmacies: int, shape: Shape) -> tuple[Callable[[], Any], Callable[[], Any], int]:
    """Return what makes a policy, what judges its text, and how many pairs its proof has."""
    parties, accounts, machines = fleet(pharmacies, machines_each=MACHINES_EACH)

    def make() -> Any:
        return make_policy(
            parties, release=RELEASE, accounts=accounts, machines=machines, shape=shape
        )

    made = make()
    assert made.proof.is_proven

    def judged() -> Any:
        return judge(made.text, parties, release=RELEASE, accounts=accounts, machines=machines)

    assert judged().proof.is_proven
    return make, judged, made.proof.pairs


def seconds_of(deed: Callable[[], Any]) -> float:
    started = time.perf_counter()
    deed()
    return time.perf_counter() - started


def measured(pharmacies: int, shape: Shape) -> dict[str, float]:
    """Return the medians of some rounds, each beside the smaller network."""
    make, judged, pairs = deeds(pharmacies, shape)
    _make, smaller, fewer = deeds(round(pharmacies * SHARE), shape)
    making, judging, baseline = [], [], []
    for _ in range(ROUNDS):
        baseline.append(seconds_of(smaller))
        judging.append(seconds_of(judged))
        making.append(seconds_of(make))
    judge_s, base_s = statistics.median(judging), statistics.median(baseline)
    return {
        "pairs": pairs,
        "make_s": round(statistics.median(making), 4),
        "judge_s": round(judge_s, 4),
        "judge_worst_s": round(max(judging), 4),
        "baseline_pairs": fewer,
        "baseline_s": round(base_s, 4),
        "ratio": round(judge_s / base_s, 2),
    }


def main() -> None:
    """Measure every size and shape, and print what was measured."""
    figures: dict[str, Any] = {
        shape: {str(size): measured(size, shape) for size in SIZES} for shape in SHAPES
    }
    result = {"machines_each": MACHINES_EACH, "rounds": ROUNDS, **figures}
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
