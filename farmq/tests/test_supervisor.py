"""The supervisor with real processes: crashes, stops, and its own violent death."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from farmq.supervisor import FIRST_DELAY_S, LONGEST_DELAY_S, Child, Guard
from farmq.tests.processes import descendants, is_alive, wait_until

pytestmark = pytest.mark.processes
ROOT = Path(__file__).resolve().parents[2]
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a group ``name=kind …`` and see to it that nothing of it stays."""
    started: list[subprocess.Popen[str]] = []

    def run(*members: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "farmq.tests.group", str(tmp_path), *members],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert wait_until(lambda: all(pids(tmp_path, name) for name in members), limit_s=10)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate(timeout=10)


def pids(folder: Path, member: str) -> list[int]:
    """The process numbers that one member has had, the newest last."""
    path = folder / f"{member.partition('=')[0]}.pids"
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def test_output_carries_the_name_of_its_child(start: Start) -> None:
    group = start("alpha=obedient", "be=obedient")

    group.terminate()
    output, _ = group.communicate(timeout=10)

    assert "alpha | hello from alpha\n" in output
    assert "   be | hello from be\n" in output


def test_a_killed_child_returns(start: Start, tmp_path: Path) -> None:
    start("one=obedient")

    os.kill(pids(tmp_path, "one")[0], signal.SIGKILL)

    assert wait_until(lambda: len(pids(tmp_path, "one")) == 2, limit_s=5)


def test_a_child_that_keeps_failing_is_restarted_more_and_more_slowly(
    start: Start, tmp_path: Path
) -> None:
    begun = time.monotonic()
    start("one=fleeting")

    assert wait_until(lambda: len(pids(tmp_path, "one")) == 3, limit_s=10)

    assert time.monotonic() - begun >= FIRST_DELAY_S + 2 * FIRST_DELAY_S


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_the_group_in_reverse_order(
    start: Start, tmp_path: Path, number: signal.Signals
) -> None:
    group = start("first=obedient", "second=obedient", "third=obedient")

    group.send_signal(number)

    assert group.wait(10) == 0
    assert (tmp_path / "stopped").read_text().split() == ["third", "second", "first"]
    assert not any(is_alive(pid) for name in ("first", "second") for pid in pids(tmp_path, name))


def test_a_child_that_does_not_listen_is_killed_in_time(start: Start, tmp_path: Path) -> None:
    group = start("deaf=stubborn", "other=obedient")

    begun = time.monotonic()
    group.terminate()

    assert group.wait(10) == 0
    assert time.monotonic() - begun < 5
    assert not is_alive(pids(tmp_path, "deaf")[0])


def test_what_a_child_leaves_behind_is_ended_with_it(start: Start, tmp_path: Path) -> None:
    group = start("one=parent")
    grandchild = int((tmp_path / "one.grandchild").read_text())

    group.terminate()
    group.wait(10)

    assert wait_until(lambda: not is_alive(grandchild), limit_s=5)


def test_kill_9_of_the_supervisor_leaves_no_child(start: Start, tmp_path: Path) -> None:
    group = start("one=obedient", "two=stubborn")
    children = descendants(group.pid)

    group.kill()

    assert len(children) == 2
    assert wait_until(lambda: not any(is_alive(pid) for pid in children), limit_s=5)


def test_a_child_is_never_started_from_another_thread() -> None:
    raised: list[BaseException] = []

    def attempt() -> None:
        try:
            Guard(Child("one", ("true",)), {}).start()
        except RuntimeError as error:
            raised.append(error)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()

    assert "main thread" in str(raised[0])


def test_delays_double_up_to_their_limit() -> None:
    guard = Guard(Child("one", ("true",)), {})

    delays = [guard.plan_restart() for _ in range(9)]

    assert delays[:3] == [FIRST_DELAY_S, 2 * FIRST_DELAY_S, 4 * FIRST_DELAY_S]
    assert delays[-1] == LONGEST_DELAY_S
