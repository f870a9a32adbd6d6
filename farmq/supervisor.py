"""Starts a group of processes, guards them, and ends them together.

One thread, one loop: it waits for output, for the end of a child, and for signals. Children are
started from the main thread only, because the kernel's parent-death signal follows the thread.
Each child leads a session of its own, so that Ctrl-C on the terminal reaches the supervisor alone
and the order of stopping stays ours.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FrameType
from typing import IO

from farmq import parent

FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 30.0
# A child that ran this long has proven itself: its next restart is a first one again.
PROVEN_AFTER_S = 30.0
TICK_S = 0.2
READ_SIZE = 65_536
LONGEST_LINE = 16_384


@dataclass(frozen=True, slots=True)
class Child:
    """What to run, how long it may take to stop, and how to see that it is ready."""

    name: str
    argv: tuple[str, ...]
    stop_within_s: float = 2.0
    is_ready: Callable[[], bool] = lambda: True
    ready_sentence: str = ""


class Guard:
    """One child of the supervisor over all its lives."""

    def __init__(self, child: Child, environment: Mapping[str, str]) -> None:
        """This will remember what to start; nothing runs yet."""
        self.child = child
        self.environment = dict(environment)
        self.process: subprocess.Popen[bytes] | None = None
        self.ready = False
        self.start_at = 0.0
        self._started_at = float("inf")
        self._delay_s = FIRST_DELAY_S
        self._rest = b""

    def start(self) -> IO[bytes]:
        """This will start the child and return its output, not blocking."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("children are started from the main thread only")
        supervisor = os.getpid()
        self.process = subprocess.Popen(
            self.child.argv,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: parent.die_with(supervisor),  # noqa: PLW1509 -- no other thread runs
        )
        self._started_at = time.monotonic()
        self.ready = False
        assert self.process.stdout is not None
        os.set_blocking(self.process.stdout.fileno(), False)
        return self.process.stdout

    def runs(self) -> bool:
        """This will tell whether the child lives."""
        return self.process is not None and self.process.poll() is None

    def plan_restart(self) -> float:
        """This will fix the time of the next start and return the delay: it doubles, to a limit."""
        now = time.monotonic()
        if now - self._started_at >= PROVEN_AFTER_S:
            self._delay_s = FIRST_DELAY_S
        delay = self._delay_s
        self._delay_s = min(2 * delay, LONGEST_DELAY_S)
        self.start_at = now + delay
        return delay

    def kill_group(self) -> None:
        """This will end the child and whatever it left in its session."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def lines(self, output: IO[bytes]) -> Iterator[str]:
        """This will read what is there and give it line by line, a cut line later."""
        with contextlib.suppress(BlockingIOError):
            self._rest += os.read(output.fileno(), READ_SIZE)
        *complete, self._rest = self._rest.split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            complete.append(self._rest)
            self._rest = b""
        for line in complete:
            yield line.decode("utf-8", "replace")


class Supervisor:
    """The loop over all children; ``run`` returns when everything has stopped."""

    def __init__(
        self,
        children: Sequence[Child],
        *,
        environment: Mapping[str, str],
        stream: IO[str] = sys.stdout,
    ) -> None:
        """This will prepare to start the children in their order and stop them in ``stop``'s."""
        self.guards = [Guard(child, environment) for child in children]
        self.stream = stream
        self._stops = 0
        self._selector = selectors.DefaultSelector()
        self._width = max(len(child.name) for child in children)

    def run(self, *, stop_order: Sequence[str] = ()) -> None:
        """This will start, guard and, after SIGTERM, SIGINT or SIGHUP, stop the group."""
        with self._signals():
            for guard in self.guards:
                if self._stops:
                    break
                self._start(guard)
                self._await_ready(guard, limit_s=5.0 if guard is self.guards[0] else 0.0)
            while not self._stops:
                self._turn()
            by_name = {guard.child.name: guard for guard in self.guards}
            names = list(stop_order) or [guard.child.name for guard in reversed(self.guards)]
            for name in names:
                self._stop(by_name[name])

    def say(self, line: str, name: str = "farmq") -> None:
        """This will write one line with the name of who says it."""
        self.stream.write(f"{name.rjust(self._width)} | {line}\n")
        self.stream.flush()

    def _start(self, guard: Guard) -> None:
        guard.start_at = 0.0
        self._selector.register(guard.start(), selectors.EVENT_READ, guard)

    def _await_ready(self, guard: Guard, *, limit_s: float) -> None:
        deadline = time.monotonic() + limit_s
        while not self._stops and not guard.ready and time.monotonic() < deadline:
            self._turn(0.02)

    def _turn(self, wait_s: float = TICK_S) -> None:
        for key, _ in self._selector.select(wait_s):
            if isinstance(key.data, Guard):
                self._read(key.data, key.fileobj)
            else:
                with contextlib.suppress(BlockingIOError):
                    os.read(key.fd, READ_SIZE)
        for guard in self.guards:
            self._look_after(guard)

    def _read(self, guard: Guard, output: object) -> None:
        assert guard.process is not None
        assert guard.process.stdout is not None
        if output is not guard.process.stdout:
            return
        for line in guard.lines(guard.process.stdout):
            self.say(line, guard.child.name)

    def _look_after(self, guard: Guard) -> None:
        if guard.runs():
            self._note_ready(guard)
        elif guard.process is not None:
            self._bury(guard)
            if not self._stops:
                delay = guard.plan_restart()
                self.say(f"{guard.child.name}: restart in {delay:g} s")
        elif guard.start_at and not self._stops and time.monotonic() >= guard.start_at:
            self._start(guard)

    def _note_ready(self, guard: Guard) -> None:
        if not guard.ready and guard.child.is_ready():
            guard.ready = True
            if guard.child.ready_sentence:
                self.say(guard.child.ready_sentence)

    def _bury(self, guard: Guard) -> None:
        assert guard.process is not None
        assert guard.process.stdout is not None
        self._read(guard, guard.process.stdout)
        self._selector.unregister(guard.process.stdout)
        guard.process.stdout.close()
        guard.kill_group()
        self.say(f"{guard.child.name}: exit status {guard.process.returncode}")
        guard.process = None

    def _stop(self, guard: Guard) -> None:
        if guard.process is not None:
            # To the main process only: a pool whose children die first can hang.
            guard.process.terminate()
        deadline = time.monotonic() + guard.child.stop_within_s
        while guard.runs() and time.monotonic() < deadline and self._stops == 1:
            self._turn(0.05)
        if guard.runs():
            guard.kill_group()
        if guard.process is not None:
            guard.process.wait()
            self._bury(guard)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        os.set_blocking(writing, False)
        self._selector.register(reading, selectors.EVENT_READ, None)
        stopping = [signal.SIGTERM, signal.SIGINT]
        # Under nohup a closed terminal is no reason to stop.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            stopping.append(signal.SIGHUP)
        before = {number: signal.signal(number, self._on_stop) for number in stopping}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, lambda *_: None)
        wakeup = signal.set_wakeup_fd(writing)
        try:
            yield
        finally:
            signal.set_wakeup_fd(wakeup)
            for number, handler in before.items():
                signal.signal(number, handler)
            self._selector.close()
            os.close(reading)
            os.close(writing)

    def _on_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stops += 1
