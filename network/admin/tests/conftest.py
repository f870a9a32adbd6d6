"""The stage on which the doors are tried."""

from network.fleet.tests.stage import stage

__all__ = ["stage"]
