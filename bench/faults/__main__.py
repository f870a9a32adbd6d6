"""The long run, on demand: `python -m bench.faults --minutes 10 --seed 1`."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from bench.apart import DATABASES, fresh_database
from bench.faults.running import long_run


def main() -> int:
    """Run, print one JSON object, and end with 1 when anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m bench.faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=DATABASES, default=DATABASES[0])
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="fqf-", ignore_cleanup_errors=True) as folder,
        fresh_database(options.database) as address,
    ):
        result = long_run(Path(folder), address, minutes=options.minutes, seed=options.seed)
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 1 if result["problems"] or result["server_errors"] else 0


if __name__ == "__main__":
    sys.exit(main())
