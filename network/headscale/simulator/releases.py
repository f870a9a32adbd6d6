"""The releases that the simulator can pretend to be."""

from __future__ import annotations

from dataclasses import dataclass

RELEASES = ("0.26.1", "0.27.1", "0.28.0", "0.29.2", "0.30-dev")
DEFAULT_RELEASE = "0.28.0"


@dataclass(frozen=True, slots=True)
class Release:
    """One release; behaviour is asked for by the minor number alone."""

    name: str
    minor: int

    def since(self, minor: int) -> bool:
        """This will say whether this release is 0.`minor` or newer."""
        return self.minor >= minor


def release_named(name: str) -> Release:
    """This will find a release by its exact name. Raises ValueError for any other."""
    if name not in RELEASES:
        raise ValueError(f"unknown release {name!r}, known are {', '.join(RELEASES)}")
    return Release(name=name, minor=int(name.split(".")[1].split("-", maxsplit=1)[0]))
