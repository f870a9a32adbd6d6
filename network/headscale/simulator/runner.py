"""The simulator inside another program, with the face of `network.headscale.process.run`."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn

from network.headscale.process import Completed
from network.headscale.simulator.answers import Outcome
from network.headscale.simulator.clock import SECOND
from network.headscale.simulator.config import load
from network.headscale.simulator.engine import run

_PROGRAMS = ("headscale", "simulator/__main__.py")


class _GivenUpError(Exception):
    """The caller's time was over before the call was."""


class _DiedError(Exception):
    """The pretended process killed itself."""


class _PretendHost:
    """A process whose time passes without anyone waiting."""

    def __init__(
        self,
        timeout_s: float,
        stdin: bytes | None = None,
        meanwhile: Callable[[], None] | None = None,
    ) -> None:
        self.timeout_s = timeout_s
        self.meanwhile = meanwhile
        self.stdin = stdin
        self.seconds = 0.0
        self.left_behind: list[tuple[float, Callable[[], None]]] = []

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        if self.seconds > self.timeout_s:
            self.seconds = self.timeout_s
            raise _GivenUpError
        if seconds and self.meanwhile is not None:
            self.meanwhile()

    def hang(self) -> NoReturn:
        self.seconds = self.timeout_s
        raise _GivenUpError

    def die(self) -> NoReturn:
        raise _DiedError

    def read_file(self, path: str) -> bytes:
        return self.stdin or b"" if path == "/dev/stdin" else Path(path).read_bytes()

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        self.left_behind.append((self.seconds + seconds, action))


class FakeHeadscale:
    """A runner that asks a simulated engine without starting a process.

    Time spent waiting is counted, not waited; `meanwhile` happens during it. A late effect happens
    when a later call finds the engine's clock past its time, or when `settle` is called.
    """

    def __init__(self, config: Path, meanwhile: Callable[[], None] | None = None) -> None:
        self.config = config
        self.meanwhile = meanwhile
        self._late: list[tuple[int, Callable[[], None]]] = []

    def __call__(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str],
        stdin: bytes | None,
        timeout_s: float,
    ) -> Completed:
        """This will run the words of a command line; the program's own name may stand first."""
        self._apply_due(load(self.config).now())
        host = _PretendHost(timeout_s, stdin, self.meanwhile)
        outcome, timed_out = self._run(argv, env, host)
        now_ns = load(self.config).now()
        for seconds, action in host.left_behind:
            self._late.append((now_ns + int(seconds * SECOND), action))
        return Completed(
            argv=argv,
            exit_status=outcome.exit_status,
            stdout=outcome.stdout,
            stderr=outcome.stderr,
            seconds=host.seconds,
            timed_out=timed_out,
        )

    def settle(self) -> None:
        """This will make all late effects happen now."""
        late, self._late = self._late, []
        for _, action in late:
            action()

    def _run(
        self, argv: tuple[str, ...], env: Mapping[str, str], host: _PretendHost
    ) -> tuple[Outcome, bool]:
        words = self._words(argv)
        try:
            return run(words, {**env, "HEADSCALE_CONFIG": str(self.config)}, host), False
        except _GivenUpError:
            return Outcome(-signal.SIGKILL), True
        except _DiedError:
            return Outcome(-signal.SIGKILL), False

    def _words(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """Leave out the program, however it is called; a `-c FILE` behind it names our engine."""
        program = [at for at, word in enumerate(argv) if word.endswith(_PROGRAMS)]
        words = argv[program[0] + 1 :] if program else argv
        if words[:1] in (("-c",), ("--config",)):
            return ("-c", str(self.config), *words[2:])
        return words

    def _apply_due(self, now_ns: int) -> None:
        due = [action for at_ns, action in self._late if at_ns <= now_ns]
        self._late = [item for item in self._late if item[0] > now_ns]
        for action in due:
            action()
