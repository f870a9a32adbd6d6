"""The executable `headscale` of the simulator: works from any folder, in an empty environment."""

from __future__ import annotations

import gc
import os
import signal
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent
# A life of a tenth of a second needs no collecting.
gc.disable()
# Started as a file, Python looks for modules in this folder; ours must be found from the root,
# and never under their bare names.
sys.path[:] = [str(_HERE.parents[2]), *(entry for entry in sys.path if entry != str(_HERE))]

from network.headscale.simulator.engine import run  # noqa: E402  # the path had to come first
from network.headscale.simulator.host import RealHost  # noqa: E402


def main() -> int:
    """Run one command line and write what comes out."""
    # A reader that goes away ends the real program in silence too.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    outcome = run(tuple(sys.argv[1:]), os.environ, RealHost())
    sys.stdout.buffer.write(outcome.stdout)
    sys.stderr.buffer.write(outcome.stderr)
    sys.stdout.flush()
    return outcome.exit_status


if __name__ == "__main__":
    sys.exit(main())
