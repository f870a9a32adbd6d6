"""Looking at real processes: who lives, who descends from whom, and waiting with a limit."""

import time
from collections.abc import Callable
from pathlib import Path


def wait_until(condition: Callable[[], object], *, limit_s: float) -> bool:
    """This will look again and again until the condition holds or the time is over."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


def is_alive(pid: int) -> bool:
    """This will tell whether a process runs; one that only waits to be reaped does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}


def descendants(pid: int) -> dict[int, str]:
    """This will list every living process below one, with its command line."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if status[0] not in {"Z", "X"}:
            parents[int(folder.name)] = int(status[1])
    found: set[int] = {pid}
    while more := {child for child, of in parents.items() if of in found} - found:
        found |= more
    return {child: _command(child) for child in found - {pid}}


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""
