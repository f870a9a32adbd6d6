"""The network in the administration, one module a noun."""

from network.admin import commands, keys, machines, servers, users

__all__ = ["commands", "keys", "machines", "servers", "users"]
