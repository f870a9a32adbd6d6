"""The small network of two companies, with an administrator's token."""

from network.fleet.tests.stage import stage

__all__ = ["stage"]
