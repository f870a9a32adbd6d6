"""Runs a program with the environment of .env.example, its secret files made for the moment.

Example: python -m tests.deployment.example manage.py check --deploy
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import environment
from tests.deployment.composition import ROOT, example


def variables(folder: Path) -> dict[str, str]:
    """The example with local secret files in place of those of the containers."""
    subprocess.run(["sh", ROOT / "deploy/make-secrets.sh", folder], check=True, timeout=30)
    values = example()
    return {name: value.replace("/run/secrets", str(folder)) for name, value in values.items()}


def main() -> int:
    """Run Python with the arguments and return its exit status."""
    with tempfile.TemporaryDirectory(prefix="farmq-secrets-") as folder:
        values = environment.clean(dict(os.environ)) | variables(Path(folder))
        return subprocess.run(
            [sys.executable, *sys.argv[1:]], cwd=ROOT, env=values, check=False
        ).returncode


if __name__ == "__main__":
    sys.exit(main())
