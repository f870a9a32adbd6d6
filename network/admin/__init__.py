"""The network in the administration, one module a noun."""

from network.admin import bulk, commands, keys, machines, policies, servers, users

__all__ = ["bulk", "commands", "keys", "machines", "policies", "servers", "users"]
