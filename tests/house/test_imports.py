"""A forbidden import makes import-linter fail, for each contract of pyproject.toml."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.source import ROOMS, ROOT

PLANTED = [
    ("rooms", "pharmacies/identifiers.py", "import network.states"),
    ("rooms", "network/presence.py", "import screens.overrides"),
    ("rooms", "screens/overrides.py", "import farmq.env"),
    ("network", "network/sync.py", "import network.operations"),
    ("network", "network/models/runs.py", "import network.queries"),
    ("network", "network/queries/machines.py", "import network.fleet.queries"),
    ("network", "network/presence.py", "import network.models"),
    ("network", "network/operations.py", "import network.waiting"),
    ("network", "network/waiting.py", "import network.fleet.queries"),
    ("network", "network/kinds.py", "import network.executor"),
    ("network", "network/engine.py", "import network.kinds"),
    ("network", "network/servers.py", "import network.sync"),
    ("network", "network/slow_cycle.py", "import network.tasks"),
    ("network", "network/retention.py", "import network.operations"),
    ("network", "network/recording.py", "import network.models"),
    ("network", "network/looks.py", "import network.models"),
    ("network", "network/policy/reading.py", "import network.queries"),
    ("network", "network/sealing.py", "import network.recording"),
    ("network", "network/states.py", "import network.sealing"),
    ("pharmacies", "pharmacies/models.py", "import pharmacies.access.models"),
    ("pharmacies", "pharmacies/tenancy.py", "import pharmacies.models"),
    ("plain", "network/headscale/client.py", "import django.utils.timezone"),
    ("plain", "network/policy/reading.py", "import django.conf"),
    ("plain", "network/presence.py", "import django.db.models"),
    ("plain", "screens/overrides.py", "import rest_framework"),
    ("plain", "pharmacies/identifiers.py", "import celery"),
    *(
        ("doors", "screens/loading.py", f"import network.{module}")
        for module in (
            *("models", "presence", "headscale.types", "headscale_db.models", "states", "looks"),
            *("engine", "executor", "sealing", "tasks", "waiting", "sync", "fleet.dashboard"),
        )
    ),
    ("simulator", "network/headscale/simulator/state.py", "import network.headscale.dialects"),
    ("simulator", "network/headscale/simulator/clock.py", "import network.headscale.commands"),
    ("simulator", "network/headscale/simulator/clock.py", "import django"),
]
CONTRACTS = [
    contract["id"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the four rooms with the contracts."""
    for room in ROOMS:
        ignored = shutil.ignore_patterns("__pycache__", "tests", "*.json", "locale")
        shutil.copytree(ROOT / room, tmp_path / room, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(house: Path, contract: str) -> subprocess.CompletedProcess[str]:
    """Run one contract over a copy."""
    program = "import sys; from importlinter.cli import lint_imports_command as go; go()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--contract", contract],
        cwd=house,
        env=os.environ | {"PYTHONPATH": str(house)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("contract", CONTRACTS)
def test_forbidden_imports_are_caught(house: Path, contract: str) -> None:
    """All of a contract at once; the report names each of them."""
    planted = [(where, statement) for one, where, statement in PLANTED if one == contract]
    for where, statement in planted:
        with (house / where).open("a", encoding="utf-8") as file:
            file.write(f"\n\n{statement}\n")

    result = lint(house, contract)

    assert result.returncode == 1, result.stdout + result.stderr
    assert [named for named in map(_named, planted) if named not in result.stdout] == []


def test_a_module_without_a_place_is_caught(house: Path) -> None:
    (house / "network/nowhere.py").write_text("import network.states\n", "utf-8")

    result = lint(house, "network")

    assert result.returncode == 1, result.stdout + result.stderr
    assert "nowhere" in result.stdout


def _named(planted: tuple[str, str]) -> str:
    """Return how the report names an import; of another's package it says only which."""
    where, statement = planted
    importer = where.removesuffix(".py").replace("/", ".")
    imported = statement.removeprefix("import ")
    own = imported.partition(".")[0] in ROOMS
    return f"{importer} -> {imported if own else imported.partition('.')[0]} (l."


@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_house_keeps_its_contracts(house: Path, contract: str) -> None:
    result = lint(house, contract)

    assert result.returncode == 0, result.stdout + result.stderr


def test_screens_may_ask_the_doors_of_network(house: Path) -> None:
    doors = ("operations", "queries", "fleet.operations", "fleet.queries")
    lines = "".join(f"import network.{door}\n" for door in doors)

    (house / "screens/asking.py").write_text(f"{lines}from network import queries\n", "utf-8")

    result = lint(house, "doors")
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_contract_is_tried() -> None:
    assert {contract for contract, _where, _statement in PLANTED} == set(CONTRACTS)
