"""A process dies with the one that started it, whatever happens to that one.

The kernel sends the signal when the *thread* that forked ends, so only main threads may fork.
Linux only; elsewhere nothing happens.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
# Loaded at import: between fork and exec no library may be looked for.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def die_with(parent_pid: int) -> None:
    """This will have the kernel kill this process as soon as its parent is gone."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # The parent may have died between the fork and the call above.
    if os.getppid() != parent_pid:
        os._exit(1)
