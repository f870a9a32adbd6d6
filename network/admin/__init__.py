"""The network in the administration, one module a noun."""

from network.admin import bulk, commands, keys, machines, servers, users

__all__ = ["bulk", "commands", "keys", "machines", "servers", "users"]
