"""The small system of the language tests serves here as well."""

from tests.language.conftest import stage

__all__ = ["stage"]
