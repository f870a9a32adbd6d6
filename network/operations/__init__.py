"""The write door of the network: each change of the engine begins here as a committed row."""

from network.operations.asking import NetworkConflictError
from network.operations.commands import accept_list, cancel_command, take_secret
from network.operations.keys import MOST_KEY_LIFE, KeyOrder, create_preauth_key
from network.operations.machines import delete_node, expire_node, free_name, rename_node
from network.operations.users import create_user

__all__ = [
    "MOST_KEY_LIFE",
    "KeyOrder",
    "NetworkConflictError",
    "accept_list",
    "cancel_command",
    "create_preauth_key",
    "create_user",
    "delete_node",
    "expire_node",
    "free_name",
    "rename_node",
    "take_secret",
]
