"""Settings for tools that only read the code (mypy, makemigrations --check)."""

from tests import environment

environment.replace()

from farmq.settings import *  # noqa: E402, F403 -- the environment has to stand first
