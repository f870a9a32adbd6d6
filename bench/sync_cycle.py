"""How long a synchronisation of 1,000 machines takes by itself, on SQLite and on PostgreSQL.

Own time leaves the engine out. The baseline is reading the whole table of machines once in the
same run. Prints one JSON object; run it with the project's Python from any folder.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench.apart import (  # noqa: E402  # the path had to come first
    DATABASES,
    figures_of,
    fresh_database,
    prepare,
)

MACHINES = 1_000
ROUNDS = 9
LISTS_UNTIL_BELIEVED = 4
START = datetime(2026, 11, 18, 3, 0, tzinfo=UTC)


def measured() -> dict[str, float]:
    """Seconds of own time: nothing changed, everything changed; and the baseline."""
    from django.db import connection  # noqa: PLC0415

    from network.models import HeadscaleServer  # noqa: PLC0415
    from network.sync import synchronise  # noqa: PLC0415
    from network.tests.situations import Clock, ToldClient, machines  # noqa: PLC0415

    server, _ = HeadscaleServer.objects.get_or_create(slug="bench", defaults={"name": "bench"})
    clock, fleet = Clock(START), machines(MACHINES)

    def own_seconds(listed: Any) -> float:
        # A list in which many went dark is believed when it comes for the fourth time.
        for _ in range(LISTS_UNTIL_BELIEVED):
            clock.move(10)
            started = time.perf_counter()
            run = synchronise(server_id=server.pk, client=ToldClient(listed), clock=clock)
            seconds = time.perf_counter() - started
            assert run is not None
            if run.outcome == "APPLIED":
                return seconds
        raise AssertionError("the list was never believed")

    own_seconds(fleet)
    unchanged, changed, baseline = [], [], []
    for turn in range(ROUNDS):
        unchanged.append(own_seconds(fleet))
        fleet = _all_changed(fleet, turn)
        changed.append(own_seconds(fleet))
        baseline.append(_reading_seconds())
    connection.close()
    return _figures(unchanged, changed, baseline)


def _reading_seconds() -> float:
    from network.models import MachineProfile  # noqa: PLC0415
    from pharmacies.tenancy import platform_context  # noqa: PLC0415

    started = time.perf_counter()
    with platform_context():
        list(MachineProfile.objects.values_list())
    return time.perf_counter() - started


def _all_changed(fleet: Any, turn: int) -> Any:
    """Every machine renamed and seen anew; all but the first come or go."""
    seen_at = START + timedelta(minutes=turn)
    return tuple(
        replace(
            node,
            given_name=f"t{turn}-{node.id}",
            last_seen_at=seen_at,
            online=node.id == 1 or not node.online,
        )
        for node in fleet
    )


def _figures(
    unchanged: list[float], changed: list[float], baseline: list[float]
) -> dict[str, float]:
    reading = statistics.median(baseline)
    figures = {
        "unchanged_s": statistics.median(unchanged),
        "all_changed_s": statistics.median(changed),
        "all_changed_worst_s": max(changed),
        "reading_s": reading,
        "unchanged_ratio": statistics.median(unchanged) / reading,
        "all_changed_ratio": statistics.median(changed) / reading,
    }
    return {name: round(value, 4) for name, value in figures.items()}


def _measured_on(kind: str) -> dict[str, float]:
    with fresh_database(kind) as address:
        prepare(address)
        return measured()


def main() -> None:
    """Measure on both databases, and print what was measured."""
    figures = {kind: figures_of(partial(_measured_on, kind)) for kind in DATABASES}
    result = {"machines": MACHINES, "rounds": ROUNDS, **figures}
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
