"""The executable itself, in real processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from network.headscale.process import Completed, run
from network.headscale.simulator import faults, journal
from network.headscale.simulator.config import create, load
from network.headscale.simulator.faults import Fault, set_faults
from network.headscale.simulator.tests.conversation import NOON, ask

PROGRAM = str(Path(__file__).resolve().parents[1] / "__main__.py")
pytestmark = pytest.mark.processes
RENAME = ("-o", "json", "nodes", "rename", "-i", "1", "other")


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    return create(tmp_path, pharmacies=4, now=NOON)


def start(config: Path, *words: str, timeout_s: float = 30) -> Completed:
    argv = (sys.executable, PROGRAM, "-c", str(config), *words)
    return run(argv, env={}, timeout_s=timeout_s)


def effects(config: Path) -> list[journal.Entry]:
    return journal.effects(journal.read(load(config).journal))


def wait_for_effects(config: Path, count: int, seconds: float = 20) -> list[journal.Entry]:
    until = time.monotonic() + seconds
    while time.monotonic() < until and len(effects(config)) < count:
        time.sleep(0.05)
    return effects(config)


def wait_for_phase(config: Path, phase: str, seconds: float = 20) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if any(entry.phase == phase for entry in journal.read(load(config).journal)):
            return
        time.sleep(0.02)
    raise AssertionError(f"no {phase} in the journal")


@pytest.mark.parametrize("options", [(), ("-I",), ("-I", "-S")])
def test_it_runs_anywhere_in_an_empty_environment(
    demo: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    argv = (sys.executable, *options, PROGRAM, "-c", str(demo), "-o", "json", "nodes", "list")

    completed = subprocess.run(
        argv, env={}, cwd=tmp_path, capture_output=True, timeout=30, check=True
    )

    assert completed.stdout == ask(demo, "-o", "json", "nodes", "list").stdout
    assert completed.stderr == b""


def test_it_needs_neither_django_nor_the_client(demo: Path) -> None:
    argv = (sys.executable, "-X", "importtime", PROGRAM, "-c", str(demo), "nodes", "list")

    loaded = run(argv, env={}, timeout_s=30).stderr

    assert b"simulator.engine" in loaded
    for stranger in (b"django", b"headscale.client", b"headscale.dialects", b"headscale.commands"):
        assert stranger not in loaded


def test_concurrent_changes_all_happen_once(demo: Path) -> None:
    names = [f"user-{number}" for number in range(8)]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda name: start(demo, "users", "create", name), names))

    assert [answer.exit_status for answer in answers] == [0] * 8
    found = [entry.effect or {} for entry in effects(demo)]
    assert sorted(effect["name"] for effect in found) == names
    assert len({effect["id"] for effect in found}) == 8


def test_a_hanging_program_ignores_a_polite_request(demo: Path) -> None:
    set_faults(demo, Fault(faults.HANG))
    argv = (sys.executable, PROGRAM, "-c", str(demo), *RENAME)
    with subprocess.Popen(argv, env={}) as process:
        wait_for_phase(demo, journal.START)
        process.send_signal(signal.SIGTERM)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.kill()

    assert process.returncode == -signal.SIGKILL
    assert effects(demo) == []


def test_a_program_may_die_of_its_own_change(demo: Path) -> None:
    set_faults(demo, Fault(faults.APPLY_THEN_DIE))

    completed = start(demo, *RENAME)

    assert completed.exit_status == -signal.SIGKILL
    assert completed.stdout == b""
    assert len(effects(demo)) == 1


def test_a_program_killed_before_its_change_makes_none(demo: Path) -> None:
    set_faults(demo, Fault(faults.SLOW, seconds=60))

    completed = start(demo, *RENAME, timeout_s=1)

    assert completed.timed_out
    assert effects(demo) == []


def test_a_late_effect_survives_the_death_of_its_caller(demo: Path) -> None:
    set_faults(demo, Fault(faults.LATE_EFFECT, verb="nodes rename", seconds=1.5))

    completed = start(demo, *RENAME, timeout_s=1)
    too_early = effects(demo)
    later = wait_for_effects(demo, 1)

    assert completed.timed_out
    assert too_early == []
    assert [entry.verb for entry in later] == ["nodes rename"]
    assert later[0].pid != later[0].ppid != os.getpid()
    set_faults(demo)
    listed = json.loads(start(demo, "-o", "json", "nodes", "list").stdout)
    assert listed[0]["given_name"] == "other"


def test_who_makes_a_late_change_holds_no_state_until_then(demo: Path) -> None:
    # An SQLite connection that is carried across a fork loses what it writes.
    set_faults(demo, Fault(faults.LATE_EFFECT, verb="nodes rename", seconds=5))

    soon_given_up(demo)
    held = [name for pid in left_behind(demo) for name in open_files(pid)]
    too_early = effects(demo)

    assert too_early == []
    assert held
    assert not [name for name in held if name.startswith(str(load(demo).state))]
    assert len(wait_for_effects(demo, 1)) == 1


def soon_given_up(config: Path) -> Completed:
    argv = (sys.executable, PROGRAM, "-c", str(config), *RENAME)
    return run(argv, env={"HEADSCALE_CLI_TIMEOUT": "100ms"}, timeout_s=30)


def left_behind(config: Path) -> list[Path]:
    """The processes that were started for this engine and still run."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if str(config).encode() in (process / "cmdline").read_bytes():
                found.append(process)
    return found


def open_files(process: Path) -> list[str]:
    names = []
    with contextlib.suppress(OSError):
        for link in (process / "fd").iterdir():
            with contextlib.suppress(OSError):
                names.append(str(link.readlink()))
    return names


def test_a_late_effect_is_not_lost_among_readers(demo: Path) -> None:
    set_faults(demo, Fault(faults.LATE_EFFECT, verb="nodes rename", seconds=0.3))
    with ThreadPoolExecutor(3) as callers:
        late = callers.submit(soon_given_up, demo)
        until = time.monotonic() + 30
        while not effects(demo) and time.monotonic() < until:
            list(callers.map(lambda _: start(demo, "-o", "json", "nodes", "list"), range(2)))

    assert late.result().exit_status == 1
    listed = json.loads(start(demo, "-o", "json", "nodes", "list").stdout)
    assert listed[0]["given_name"] == "other"


def test_a_reader_that_goes_away_ends_it_in_silence(demo: Path) -> None:
    argv = (sys.executable, PROGRAM, "-c", str(demo), "-o", "json", "nodes", "list")
    with subprocess.Popen(argv, env={}, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaints = process.stderr.read()

    assert complaints == b""
    assert process.returncode == -signal.SIGPIPE
