"""How long a whole `nodes list` of the demo fleet takes, beside a bare start of Python.

Prints one JSON object; run it with the project's Python from any folder.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from network.headscale.process import Completed, run  # noqa: E402  # the path had to come first
from network.headscale.simulator.config import create  # noqa: E402

PROGRAM = ROOT / "network" / "headscale" / "simulator" / "__main__.py"
ROUNDS = 15
PHARMACIES = 100


def median_of(argv: tuple[str, ...]) -> tuple[float, Completed]:
    """Run a command several times; return the middle of its seconds and its last answer."""
    run(argv, env={}, timeout_s=30)
    seconds: list[float] = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        completed = run(argv, env={}, timeout_s=30)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds), completed


def main() -> None:
    """Measure, and print what was measured."""
    with tempfile.TemporaryDirectory() as folder:
        config = create(Path(folder), pharmacies=PHARMACIES)
        argv = (sys.executable, str(PROGRAM), "-c", str(config), "-o", "json", "nodes", "list")
        seconds, completed = median_of(argv)
    baseline, _ = median_of((sys.executable, "-c", "pass"))
    figures = {
        "machines": len(json.loads(completed.stdout)),
        "bytes": len(completed.stdout),
        "rounds": ROUNDS,
        "seconds_median": round(seconds, 4),
        "baseline": round(baseline, 4),
    }
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
