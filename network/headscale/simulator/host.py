"""What surrounds a call: here the real process, in `runner` a pretended one."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, Protocol


class Host(Protocol):
    """What a call may do to the process it runs in."""

    def sleep(self, seconds: float) -> None:
        """Let time pass."""

    def hang(self) -> NoReturn:
        """Never come back, whatever signal arrives."""

    def die(self) -> NoReturn:
        """End at once, as by SIGKILL."""

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something after the call has ended, however it ends."""

    def read_file(self, path: str) -> bytes:
        """Read a file that is named on the command line. Raises OSError."""


class RealHost:
    """The process that was started as `headscale`."""

    def sleep(self, seconds: float) -> None:
        """Wait by the clock of the machine."""
        time.sleep(seconds)

    def hang(self) -> NoReturn:
        """Ignore every signal that can be ignored, and wait for SIGKILL."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        while True:
            signal.pause()

    def die(self) -> NoReturn:
        """Kill this process."""
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("a killed process does not come here")

    def read_file(self, path: str) -> bytes:
        """Read it, the input included: it is a file by the name of /dev/stdin."""
        return Path(path).read_bytes()

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Leave a child behind, in a session of its own so that no group kill reaches it."""
        if os.fork():
            return
        try:
            os.setsid()
            _close_streams()
            time.sleep(seconds)
            action()
        finally:
            os._exit(0)


def _close_streams() -> None:
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
