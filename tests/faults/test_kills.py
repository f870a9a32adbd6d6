"""A seeded part of the fault harness: whatever is killed, commands end as the journal says."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.faults.running import first, run
from tests.commands.databases import fresh_database

pytestmark = [pytest.mark.processes, pytest.mark.timeout(240), pytest.mark.xdist_group("faults")]
# The first scenarios of this seed kill each kind of process at least once.
SEED, SCENARIOS = 1079, 6


def test_commands_survive_kills_under_load(tmp_path: Path) -> None:
    figures = run(tmp_path, fresh_database("faults"), first(SEED, SCENARIOS))

    assert figures["problems"] == []
    assert figures["server_errors"] == 0
    assert min(figures["kills"].values()) >= 1
    assert figures["commands"] == sum(figures["states"].values()) > 0
    assert figures["seconds_until_final"]["worst"] <= 60
