"""The small systems of the language tests and of the doors serve here as well."""

from network.fleet.tests.stage import stage as network
from tests.language.conftest import stage

__all__ = ["network", "stage"]
