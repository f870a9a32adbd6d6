"""The engine's only door to processes: run one command, bounded in time and output."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Protocol

from network.headscale.redaction import redacted_argv

logger = logging.getLogger(__name__)

OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 256 * 1024
_PR_SET_PDEATHSIG = 1
_EXIT_NOT_STARTED = 127
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Completed:
    """What one call left behind.

    `exit_status` is the process's own; negative when a signal ended it, 127 when it could not be
    started (`stderr` then holds the reason). `seconds` is wall time by the monotonic clock.
    """

    argv: tuple[str, ...]
    exit_status: int
    stdout: bytes
    stderr: bytes
    seconds: float
    timed_out: bool


class Runner(Protocol):
    """Anything that runs an argument tuple: `run` below, or the simulator in process."""

    def __call__(
        self,
        argv: tuple[str, ...],
        *,
        env: Mapping[str, str],
        stdin: bytes | None,
        timeout_s: float,
    ) -> Completed: ...


def run(
    argv: tuple[str, ...],
    *,
    env: Mapping[str, str],
    stdin: bytes | None = None,
    timeout_s: float,
) -> Completed:
    """Run a command without a shell, with exactly the given environment.

    The process gets a session of its own and dies with its parent. After `timeout_s`, or past
    64 MiB of output, its whole process group is killed. Never raises for what the command does.
    """
    started = time.monotonic()
    try:
        process = _start(argv, env, stdin)
    except (OSError, ValueError) as error:
        completed = Completed(argv, _EXIT_NOT_STARTED, b"", str(error).encode(), 0.0, False)
    else:
        completed = _collect(process, argv, started, timeout_s)
    _log(completed)
    return completed


def _start(
    argv: tuple[str, ...], env: Mapping[str, str], stdin: bytes | None
) -> subprocess.Popen[bytes]:
    with _input_file(stdin) as source:
        return _spawn(argv, env, source)


@contextlib.contextmanager
def _input_file(stdin: bytes | None) -> Iterator[IO[bytes] | int]:
    """Give the input as an unnamed file: a pipe would block us when the command does not read."""
    if stdin is None:
        yield subprocess.DEVNULL
        return
    with tempfile.TemporaryFile() as source:
        source.write(stdin)
        source.seek(0)
        yield source


def _spawn(
    argv: tuple[str, ...], env: Mapping[str, str], source: IO[bytes] | int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(env),
        start_new_session=True,
        close_fds=True,
        # The caller is a single-threaded worker process, so code between fork and exec is safe.
        preexec_fn=_die_with_parent,  # noqa: PLW1509
    )


def _die_with_parent() -> None:
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _collect(
    process: subprocess.Popen[bytes],
    argv: tuple[str, ...],
    started: float,
    timeout_s: float,
) -> Completed:
    try:
        outputs, finished = _read_all(process, started + timeout_s)
    finally:
        # First the end, then the pipes: a command that loses its reader could still report success.
        _kill_group(process)
        _close_streams(process)
    return Completed(
        argv=argv,
        exit_status=process.wait(),
        stdout=outputs[0],
        stderr=outputs[1],
        seconds=time.monotonic() - started,
        timed_out=not finished and time.monotonic() >= started + timeout_s,
    )


def _read_all(
    process: subprocess.Popen[bytes], deadline: float
) -> tuple[tuple[bytes, bytes], bool]:
    """Read both streams until the command ends; `False` when it had to be given up."""
    assert process.stdout is not None
    assert process.stderr is not None
    buffers: dict[IO[bytes], bytearray] = {process.stdout: bytearray(), process.stderr: bytearray()}
    with selectors.DefaultSelector() as selector:
        for stream in buffers:
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, selectors.EVENT_READ)
        finished = _pump(process, selector, buffers, deadline)
    return (bytes(buffers[process.stdout]), bytes(buffers[process.stderr])), finished


def _pump(
    process: subprocess.Popen[bytes],
    selector: selectors.BaseSelector,
    buffers: dict[IO[bytes], bytearray],
    deadline: float,
) -> bool:
    while selector.get_map():
        remaining = deadline - time.monotonic()
        if remaining <= 0 or sum(map(len, buffers.values())) > OUTPUT_LIMIT_BYTES:
            return False
        # A grandchild may hold the pipes open after the command has ended, so ask now and then.
        ready = selector.select(min(remaining, 0.2))
        for key, _ in ready:
            chunk = os.read(key.fd, _CHUNK_BYTES)
            if chunk:
                buffers[key.fileobj].extend(chunk)  # type: ignore[index]  # only streams of `buffers` are registered
            else:
                selector.unregister(key.fileobj)
        if not ready and process.poll() is not None:
            return True
    return _ends_before(process, deadline)


def _ends_before(process: subprocess.Popen[bytes], deadline: float) -> bool:
    """Wait for a command that has closed its streams."""
    try:
        process.wait(max(0.0, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        return False
    return True


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    """End everything the command has left in its process group; the leader may be gone already."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _close_streams(process: subprocess.Popen[bytes]) -> None:
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _log(completed: Completed) -> None:
    logger.info(
        "engine call",
        extra={
            "argv": redacted_argv(completed.argv),
            "exit_status": completed.exit_status,
            "seconds": round(completed.seconds, 3),
            "timed_out": completed.timed_out,
            "stdout_bytes": len(completed.stdout),
            "stderr_bytes": len(completed.stderr),
        },
    )
