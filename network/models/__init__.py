"""How we reach the pharmacies: servers, machines, their states, and what we asked for."""

from network.models.bulk import BulkItem, BulkJob
from network.models.commands import HeadscaleCommand
from network.models.keys import HeadscaleApiKey, HeadscalePreAuthKey
from network.models.machines import (
    MachineProfile,
    MachineState,
    MachineTransition,
    back_to_the_platform,
)
from network.models.policy import PolicyVersion, StaffGroup
from network.models.runs import SyncGap, SyncRun
from network.models.saved_views import SavedView
from network.models.servers import HeadscaleServer, HeadscaleUser, PharmacyLink, ServerReading

__all__ = [
    "BulkItem",
    "BulkJob",
    "HeadscaleApiKey",
    "HeadscaleCommand",
    "HeadscalePreAuthKey",
    "HeadscaleServer",
    "HeadscaleUser",
    "MachineProfile",
    "MachineState",
    "MachineTransition",
    "PharmacyLink",
    "PolicyVersion",
    "SavedView",
    "ServerReading",
    "StaffGroup",
    "SyncGap",
    "SyncRun",
    "back_to_the_platform",
]
