"""The simulator's configuration file, and its making."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from network.headscale.simulator import clock
from network.headscale.simulator.files import replace_file
from network.headscale.simulator.releases import DEFAULT_RELEASE, Release, release_named
from network.headscale.simulator.state import Store

CONFIG_NAME = "simulator.json"
FAULTS_NAME = "faults.json"


@dataclass(frozen=True, slots=True)
class Config:
    """What one simulated engine is: its release, where its state lies, and its clock.

    `now_ns` stands still at that instant when given. `pharmacies` is 0 without a demo fleet. With
    `costs` a change takes as long as a real engine of this release would take.
    """

    path: Path
    release: Release
    state: Path
    journal: Path
    now_ns: int | None
    seed: int
    pharmacies: int
    released: bool
    costs: bool

    @property
    def faults(self) -> Path:
        """Where the control file of the faults lies."""
        return self.path.with_name(FAULTS_NAME)

    @property
    def socket(self) -> Path:
        """The socket that the engine would listen on; it is only ever named in messages."""
        return self.path.with_name("hs.sock")

    def now(self) -> int:
        """This will say what time it is for the engine."""
        return clock.wall_clock() if self.now_ns is None else self.now_ns


def load(path: Path) -> Config:
    """This will read a configuration. Raises OSError, ValueError or KeyError when it is no good."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    demo: dict[str, Any] = document.get("demo") or {}
    now = document.get("now")
    return Config(
        path=path,
        release=release_named(document["release"]),
        state=path.parent / document["state"],
        journal=path.parent / document["journal"],
        now_ns=None if now is None else clock.from_text(now),
        seed=int(demo.get("seed", 1)),
        pharmacies=int(demo.get("pharmacies", 0)),
        released=bool(document.get("released", True)),
        costs=bool(document.get("costs", False)),
    )


def create(
    directory: Path,
    *,
    release: str = DEFAULT_RELEASE,
    seed: int = 1,
    pharmacies: int = 0,
    now: str | None = None,
    released: bool = True,
) -> Path:
    """This will write the configuration of a new simulated engine and return its path.

    A configuration that is there already is kept as it is. `released` False makes a program that
    calls itself `dev`, as one does that was not built by the release pipeline.
    """
    release_named(release)
    path = directory / CONFIG_NAME
    if path.exists():
        return path
    directory.mkdir(parents=True, exist_ok=True)
    document: dict[str, Any] = {
        "release": release,
        "state": "state.sqlite3",
        "journal": "journal.jsonl",
        "now": now,
        "released": released,
        "demo": {"seed": seed, "pharmacies": pharmacies},
    }
    Store(directory / document["state"]).close()
    replace_file(path, json.dumps(document, indent=2))
    return path


def set_now(path: Path, now: str | None) -> None:
    """This will stop the engine's clock at an ISO instant, or let it run again with None."""
    _rewrite(path, now=now)


def set_release(path: Path, release: str) -> None:
    """This will exchange the engine's release, as an upgrade does; the state stays."""
    release_named(release)
    _rewrite(path, release=release)


def set_costs(path: Path, costs: bool) -> None:
    """This will make changes cost what they cost a real engine, or nothing again."""
    _rewrite(path, costs=costs)


def _rewrite(path: Path, **values: str | bool | None) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    document.update(values)
    if document["now"] is not None:
        clock.from_text(document["now"])
    replace_file(path, json.dumps(document, indent=2))
