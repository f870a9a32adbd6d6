"""bin/up before Django exists: the environment is made, refreshed, or refused in one sentence."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.house.source import ROOT

Run = Callable[..., subprocess.CompletedProcess[str]]
RECORDER = '#!/bin/sh\ncase "$*" in "-c import sys"*) exit 0 ;; esac\necho "$@" >>"$RECORD"\n'
# As Debian's Python without python3-venv: a fitting version, but no ensurepip.
BARE_PYTHON = '#!/bin/sh\ncase "$*" in *ensurepip*) exit 1 ;; esac\nexit 0\n'
OLD_PYTHON = "#!/bin/sh\nexit 1\n"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the start command and a lock, and nothing else."""
    shutil.copytree(ROOT / "bin", tmp_path / "bin")
    (tmp_path / "requirements.txt").write_text("one==1\n")
    return tmp_path


@pytest.fixture
def run(checkout: Path) -> Run:
    """Run bin/up there with these programs on the PATH."""

    def start(*arguments: str, **programs: str) -> subprocess.CompletedProcess[str]:
        place = checkout / "programs"
        for name, text in programs.items():
            program(place / name, text)
        path = f"{place}:{checkout}/shell" if programs else os.defpath
        for tool in ("sh", "dirname", "cmp", "cp", "rm"):
            (checkout / "shell").mkdir(exist_ok=True)
            if not (checkout / "shell" / tool).exists():
                (checkout / "shell" / tool).symlink_to(shutil.which(tool) or tool)
        return subprocess.run(
            [checkout / "bin" / "up", *arguments],
            env={"PATH": path, "RECORD": str(checkout / "record")},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    return start


def program(path: Path, text: str) -> None:
    """Write a program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def calls(checkout: Path) -> list[str]:
    """What the environment's Python was asked to do, by its first words."""
    lines = (checkout / "record").read_text().splitlines()
    return [" ".join(line.split()[:3]) for line in lines]


def test_without_ensurepip_a_sentence_says_what_to_install(run: Run) -> None:
    result = run(python3=BARE_PYTHON)

    assert result.returncode == 2
    assert result.stderr == "Python의 venv와 ensurepip이 필요합니다. 예: apt install python3-venv\n"


def test_an_old_python_is_refused_in_a_sentence(run: Run) -> None:
    result = run(python3=OLD_PYTHON)

    assert result.returncode == 2
    assert result.stderr.startswith("Python 3.11 이상이 필요합니다.")


def test_the_lock_is_installed_once(checkout: Path, run: Run) -> None:
    program(checkout / ".venv/bin/python", RECORDER)

    first, second = run("--port", "8001"), run()

    assert first.returncode == second.returncode == 0
    assert calls(checkout) == ["-m pip install", "manage.py up --port", "manage.py up"]


def test_a_changed_lock_is_installed_again(checkout: Path, run: Run) -> None:
    program(checkout / ".venv/bin/python", RECORDER)
    run()

    (checkout / "requirements.txt").write_text("one==2\n")
    run()

    assert calls(checkout) == ["-m pip install", "manage.py up"] * 2


def test_a_failed_installation_is_not_taken_for_a_good_one(checkout: Path, run: Run) -> None:
    failing = RECORDER + 'case "$*" in *"pip install"*) exit 1 ;; esac\n'
    program(checkout / ".venv/bin/python", failing)

    result = run()

    assert result.returncode == 1
    assert "설치하지 못했습니다" in result.stderr
    assert not (checkout / ".venv/installed-requirements.txt").exists()
