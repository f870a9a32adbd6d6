"""The network in the administration, one module a noun."""

from network.admin import commands, machines, servers, users

__all__ = ["commands", "machines", "servers", "users"]
