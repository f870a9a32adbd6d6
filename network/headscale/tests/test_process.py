"""The engine's only door to processes, with real ones behind it."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

from network.headscale import commands, process
from network.headscale.client import interpret
from network.headscale.errors import TimedOutError, UnreachableError, UnreadableError
from network.headscale.process import run

SECRET = "hskey-auth-abcdefghijkl-" + "5" * 64
STUBBORN = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = os.fork()
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()}\\n")
time.sleep(600)
"""
PARENT_ENDS_FIRST = """
import os, sys, time
if os.fork():
    os._exit(7)
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()}\\n")
print("late", flush=True)
time.sleep(600)
"""
RUNNER = """
import sys
from network.headscale.process import run
run((sys.executable, "-c", sys.argv[2], sys.argv[1]), env={}, timeout_s=600)
"""
WAITING = """
import os, sys, time
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()}\\n")
time.sleep(600)
"""


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}


def pids(path: Path, number: int) -> list[int]:
    """The process numbers in a file, once there are so many."""
    assert soon(lambda: path.exists() and len(path.read_text().splitlines()) >= number)
    return [int(line) for line in path.read_text().splitlines()]


def soon(condition: Callable[[], bool]) -> bool:
    """Whether a condition holds within ten seconds."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if condition():
            return True
        os.sched_yield()
    return condition()


def python(script: str, *words: str) -> tuple[str, ...]:
    return (sys.executable, "-c", script, *words)


def test_status_and_both_streams_come_back() -> None:
    script = "import sys; print('a'); print('b', file=sys.stderr); sys.exit(3)"

    completed = run(python(script), env={}, timeout_s=30)

    assert (completed.exit_status, completed.stdout, completed.stderr) == (3, b"a\n", b"b\n")
    assert completed.argv == python(script)
    assert not completed.timed_out
    assert 0 < completed.seconds < 30


def test_the_environment_is_exactly_the_given_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "ours")

    completed = run(("/usr/bin/env",), env={"ONE": "1", "TWO": "한글"}, timeout_s=30)

    assert sorted(completed.stdout.decode().splitlines()) == ["ONE=1", "TWO=한글"]


def test_the_input_is_closed_unless_given() -> None:
    closed = run(("/bin/cat",), env={}, timeout_s=30)
    given = run(("/bin/cat",), env={}, stdin=b"x" * 300_000, timeout_s=30)

    assert (closed.exit_status, closed.stdout) == (0, b"")
    assert given.stdout == b"x" * 300_000


def test_input_that_nobody_reads_blocks_nobody() -> None:
    completed = run(("/bin/true",), env={}, stdin=b"x" * 10_000_000, timeout_s=30)

    assert completed.exit_status == 0


def test_no_word_is_read_by_a_shell(tmp_path: Path) -> None:
    word = f"$(touch {tmp_path}/made); `id` * ; -- \n"

    completed = run(("/bin/echo", "-n", word), env={}, timeout_s=30)

    assert completed.stdout.decode() == word
    assert list(tmp_path.iterdir()) == []


def test_the_time_limit_kills_the_whole_group(tmp_path: Path) -> None:
    completed = run(python(STUBBORN, str(tmp_path / "pids")), env={}, timeout_s=1.0)

    assert completed.timed_out
    assert completed.exit_status == -signal.SIGKILL
    assert completed.seconds < 5
    assert len(pids(tmp_path / "pids", 2)) == 2
    assert soon(lambda: not any(is_alive(pid) for pid in pids(tmp_path / "pids", 2)))


def test_what_a_command_leaves_behind_is_ended(tmp_path: Path) -> None:
    completed = run(python(PARENT_ENDS_FIRST, str(tmp_path / "pids")), env={}, timeout_s=30)

    assert (completed.exit_status, completed.timed_out) == (7, False)
    assert completed.seconds < 10
    assert soon(lambda: not any(is_alive(pid) for pid in _written(tmp_path / "pids")))


def _written(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_endless_output_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "OUTPUT_LIMIT_BYTES", 100_000)

    completed = run(("/usr/bin/yes",), env={}, timeout_s=30)

    assert completed.exit_status == -signal.SIGKILL
    assert not completed.timed_out
    assert 100_000 < len(completed.stdout) < 1_000_000
    with pytest.raises(UnreadableError):
        interpret(commands.LIST_NODES, completed)
    with pytest.raises(TimedOutError):
        interpret(commands.RENAME_NODE, completed)


def test_the_limit_of_output_is_64_mib() -> None:
    assert process.OUTPUT_LIMIT_BYTES == 64 * 2**20


@pytest.mark.parametrize(
    "program", ["/nonexistent/headscale", "headscale-is-nowhere", "/etc", "a\0b"]
)
def test_a_program_that_cannot_be_started_is_exit_127(program: str) -> None:
    completed = run((program, "version"), env={}, timeout_s=30)

    assert completed.exit_status == 127
    assert completed.stderr
    with pytest.raises(UnreachableError):
        interpret(commands.RENAME_NODE, completed)


def test_the_log_line_tells_all_but_secrets(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="network.headscale.process")
    words = ("/bin/true", "preauthkeys", "expire", "--", "0123456789abcdef" * 3, SECRET)

    run(words, env={"HEADSCALE_CLI_API_KEY": "hidden-value"}, timeout_s=30)

    (record,) = caplog.records
    told = str(record.__dict__)
    assert record.__dict__["argv"][:4] == ["/bin/true", "preauthkeys", "expire", "--"]
    assert record.__dict__["exit_status"] == 0
    assert "hskey-auth-abcdefghijkl-***" in told
    assert not any(word in told for word in ("0123456789abcdef", "5" * 64, "hidden-value"))


def test_the_command_leads_a_session_of_its_own() -> None:
    script = "import os; print(os.getpid() == os.getsid(0) == os.getpgrp())"

    completed = run(python(script), env={}, timeout_s=30)

    assert completed.stdout == b"True\n"


class _SoftLimitError(Exception):
    """What a worker's time limit raises in the middle of a call."""


@pytest.fixture
def alarm() -> Iterator[None]:
    def ring(_number: int, _frame: FrameType | None) -> None:
        raise _SoftLimitError

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 1.0)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("alarm")
def test_a_call_that_is_broken_off_leaves_no_process(tmp_path: Path) -> None:
    with pytest.raises(_SoftLimitError):
        run(python(STUBBORN, str(tmp_path / "pids")), env={}, timeout_s=30)

    assert soon(lambda: not any(is_alive(pid) for pid in pids(tmp_path / "pids", 2)))


def test_the_command_dies_with_its_runner(tmp_path: Path) -> None:
    runner = subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(tmp_path / "pids"), WAITING],
        cwd=Path(__file__).resolve().parents[3],
    )
    (command,) = pids(tmp_path / "pids", 1)

    runner.kill()
    runner.wait()

    assert soon(lambda: not is_alive(command))
