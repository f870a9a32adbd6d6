"""The stage on which doors are tried, for the doors that belong to no room."""

from network.fleet.tests.stage import stage

__all__ = ["stage"]
