"""How we reach the pharmacies: servers, machines, their states, and what we asked for."""

from network.models.commands import HeadscaleCommand
from network.models.machines import (
    MachineProfile,
    MachineState,
    MachineTransition,
    back_to_the_platform,
)
from network.models.runs import SyncRun
from network.models.servers import HeadscaleServer, HeadscaleUser, PharmacyLink

__all__ = [
    "HeadscaleCommand",
    "HeadscaleServer",
    "HeadscaleUser",
    "MachineProfile",
    "MachineState",
    "MachineTransition",
    "PharmacyLink",
    "SyncRun",
    "back_to_the_platform",
]
