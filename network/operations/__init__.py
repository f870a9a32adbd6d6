"""The write door of the network: each change of the engine begins here as a committed row."""

from network.operations.api_keys import create_api_key, delete_api_key, expire_api_key
from network.operations.asking import PERMISSIONS, NetworkConflictError
from network.operations.bulk import (
    BULK_KINDS,
    MOST_MACHINES,
    SLOWEST_PACE_S,
    BulkOrder,
    Planned,
    pause_bulk,
    plan_bulk,
    resume_bulk,
    start_bulk,
    stop_bulk,
)
from network.operations.checking import cross_check
from network.operations.commands import accept_list, cancel_command, dismiss_list, take_secret
from network.operations.describing import NOTES_LIMIT, describe_machine
from network.operations.joining import answer_auth, backfill_ips, register_node
from network.operations.keys import (
    MOST_KEY_LIFE,
    KeyOrder,
    create_preauth_key,
    create_user_key,
    delete_preauth_key,
    expire_preauth_key,
)
from network.operations.machines import (
    approve_routes,
    delete_node,
    expire_node,
    move_node,
    rename_node,
    set_tags,
)
from network.operations.policies import (
    adopt_policy,
    delete_staff_group,
    roll_back_policy,
    save_staff_group,
    set_generated_policy,
    set_policy,
)
from network.operations.replacing import quarantine_machine, release_machine, swap_machine
from network.operations.saved_views import forget_view, save_view
from network.operations.users import create_staff_user, create_user, destroy_user, rename_user

__all__ = [
    "BULK_KINDS",
    "MOST_KEY_LIFE",
    "MOST_MACHINES",
    "NOTES_LIMIT",
    "PERMISSIONS",
    "SLOWEST_PACE_S",
    "BulkOrder",
    "KeyOrder",
    "NetworkConflictError",
    "Planned",
    "accept_list",
    "adopt_policy",
    "answer_auth",
    "approve_routes",
    "backfill_ips",
    "cancel_command",
    "create_api_key",
    "create_preauth_key",
    "create_staff_user",
    "create_user",
    "create_user_key",
    "cross_check",
    "delete_api_key",
    "delete_node",
    "delete_preauth_key",
    "delete_staff_group",
    "describe_machine",
    "destroy_user",
    "dismiss_list",
    "expire_api_key",
    "expire_node",
    "expire_preauth_key",
    "forget_view",
    "move_node",
    "pause_bulk",
    "plan_bulk",
    "quarantine_machine",
    "register_node",
    "release_machine",
    "rename_node",
    "rename_user",
    "resume_bulk",
    "roll_back_policy",
    "save_staff_group",
    "save_view",
    "set_generated_policy",
    "set_policy",
    "set_tags",
    "start_bulk",
    "stop_bulk",
    "swap_machine",
    "take_secret",
]
