"""`headscale nodes`, and how machines come in without a key: `auth`, `debug`."""

from __future__ import annotations

from dataclasses import replace

from network.headscale.simulator.flags import BOOL, STRING, STRINGS, UINT, Flag
from network.headscale.simulator.grammar.command import LISTED, Command

_ID = Flag("identifier", "i", UINT, "Node identifier (ID)", required=True)
_USER = Flag("user", "u", STRING, "User", required=True)
_EXPIRY = (
    "Set expire to (RFC3339 format, e.g. 2025-08-27T10:00:00Z), "
    "or leave empty to expire immediately."
)
_NEW_WAY = "use 'headscale auth register --auth-id <id> --user <user>' instead"

_APPROVE_ROUTES = Command(
    name="approve-routes",
    short="Manage the approved routes of a node",
    verb="nodes approve-routes",
    flags=(_ID, Flag("routes", "r", STRINGS, "List of routes")),
)
_BACKFILL = Command("backfillips", "Backfill IPs missing from nodes", "nodes backfillips")
_DELETE = Command("delete", "Delete a node", "nodes delete", aliases=("del",), flags=(_ID,))
_EXPIRE = Command(
    name="expire",
    short="Expire (log out) a node in your network",
    verb="nodes expire",
    aliases=("logout", "exp", "e"),
    flags=(
        _ID,
        Flag("expiry", "e", STRING, _EXPIRY, since=27),
        Flag("disable", "d", BOOL, "Disable key expiry (node will never expire)", since=29),
    ),
)
_LIST = Command(
    name="list",
    short="List nodes",
    verb="nodes list",
    aliases=LISTED,
    flags=(
        Flag("tags", "t", BOOL, "Show tags", until=28),
        Flag("user", "u", STRING, "Filter by user"),
    ),
)
_LIST_ROUTES = Command(
    name="list-routes",
    short="List routes available on nodes",
    verb="nodes list-routes",
    aliases=("lsr", "routes"),
    flags=(replace(_ID, required=False),),
)
_MOVE = Command(
    name="move",
    short="Move node to another user",
    verb="nodes move",
    aliases=("mv",),
    flags=(_ID, Flag("user", "u", UINT, "New user identifier", required=True)),
    until=28,
)
_REGISTER = Command(
    name="register",
    short="Registers a node to your network",
    verb="nodes register",
    flags=(Flag("key", "k", STRING, "Key", required=True), _USER),
    until=29,
)
_RENAME = Command(
    name="rename",
    short="Renames a node in your network",
    verb="nodes rename",
    arguments="NEW_NAME",
    flags=(_ID,),
)
_TAG = Command(
    name="tag",
    short="Manage the tags of a node",
    verb="nodes tag",
    aliases=("tags", "t"),
    flags=(_ID, Flag("tags", "t", STRINGS, "List of tags to add to the node")),
)
NODES = Command(
    name="nodes",
    short="Manage the nodes of Headscale",
    aliases=("node",),
    old_aliases=("machine", "machines"),
    children=(
        _APPROVE_ROUTES,
        _BACKFILL,
        _DELETE,
        _EXPIRE,
        _LIST,
        _LIST_ROUTES,
        _MOVE,
        _REGISTER,
        replace(_REGISTER, deprecated=_NEW_WAY, since=29, until=1000),
        _RENAME,
        _TAG,
    ),
)
_AUTH_ID = Flag("auth-id", "", STRING, "Auth ID", required=True)
AUTH = Command(
    name="auth",
    short="Manage node authentication and approval",
    since=29,
    children=(
        Command(
            name="register",
            short="Register a node to your network",
            verb="auth register",
            flags=(_AUTH_ID, _USER),
        ),
        Command(
            "approve", "Approve a pending authentication request", "auth approve", flags=(_AUTH_ID,)
        ),
        Command(
            "reject", "Reject a pending authentication request", "auth reject", flags=(_AUTH_ID,)
        ),
    ),
)
DEBUG = Command(
    name="debug",
    short="debug and testing commands",
    children=(
        Command(
            name="create-node",
            short="Create a node that can be registered with `nodes register <>` command",
            verb="debug create-node",
            flags=(
                Flag("key", "k", STRING, "Key", required=True),
                Flag("name", "", STRING, "Name", required=True),
                Flag("route", "r", STRINGS, "List (or repeated flags) of routes to advertise"),
                _USER,
            ),
        ),
    ),
)
