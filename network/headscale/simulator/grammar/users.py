"""`headscale users`."""

from __future__ import annotations

from network.headscale.simulator.flags import STRING, UINT, Flag
from network.headscale.simulator.grammar.command import LISTED, Command

_ID = Flag("identifier", "i", UINT, "User identifier (ID)")
_NAME = Flag("name", "n", STRING, "Username")
_NEW = "New username"

_CREATE = Command(
    name="create",
    short="Creates a new user",
    verb="users create",
    arguments="NAME",
    aliases=("c", "new"),
    flags=(
        Flag("display-name", "d", STRING, "Display name"),
        Flag("email", "e", STRING, "Email"),
        Flag("picture-url", "p", STRING, "Profile picture URL"),
    ),
)
_DESTROY = Command(
    name="destroy",
    short="Destroys a user",
    verb="users destroy",
    aliases=("delete",),
    flags=(_ID, _NAME),
)
_LIST = Command(
    name="list",
    short="List all the users",
    verb="users list",
    aliases=LISTED,
    flags=(_ID, _NAME, Flag("email", "e", STRING, "Email")),
)
_RENAME = Command(
    name="rename",
    short="Renames a user",
    verb="users rename",
    aliases=("mv",),
    flags=(
        _ID,
        _NAME,
        Flag("new-name", "r", STRING, _NEW, until=29),
        Flag("new-name", "r", STRING, _NEW, required=True, since=29),
    ),
)
USERS = Command(
    name="users",
    short="Manage the users of Headscale",
    aliases=("user",),
    old_aliases=("namespace", "namespaces", "ns"),
    children=(_CREATE, _DESTROY, _LIST, _RENAME),
)
