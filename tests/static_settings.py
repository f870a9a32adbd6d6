"""Settings for tools that only read the code (mypy, makemigrations --check): nothing is made."""

import os
from pathlib import Path

from tests import environment

os.environ.update(environment.values(Path("/nonexistent"), database_url="sqlite://:memory:"))

from farmq.settings import *  # noqa: F403 -- the environment has to stand first
