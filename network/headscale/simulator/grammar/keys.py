"""`headscale preauthkeys` and `headscale apikeys`."""

from __future__ import annotations

from network.headscale.simulator.flags import BOOL, STRING, STRINGS, UINT, Flag
from network.headscale.simulator.grammar.command import LISTED, Command

_OWNER = "User identifier (ID)"
_LIFE = "Human-readable expiration of the key (e.g. 30m, 24h)"
_ID = Flag("id", "i", UINT, "Authkey ID", required=True, since=28)

_CREATE = Command(
    name="create",
    short="Creates a new preauthkey",
    verb="preauthkeys create",
    aliases=("c", "new"),
    flags=(
        Flag("ephemeral", "", BOOL, "Preauthkey for ephemeral nodes"),
        Flag("expiration", "e", STRING, _LIFE, default="1h"),
        Flag("reusable", "", BOOL, "Make the preauthkey reusable"),
        Flag("tags", "", STRINGS, "Tags to automatically assign to node"),
        Flag("user", "u", UINT, _OWNER, since=28),
    ),
)
_DELETE = Command(
    name="delete",
    short="Delete a preauthkey",
    verb="preauthkeys delete",
    aliases=("del", "rm", "d"),
    flags=(_ID,),
    since=28,
)
_EXPIRE = Command(
    name="expire",
    short="Expire a preauthkey",
    verb="preauthkeys expire",
    aliases=("revoke", "exp", "e"),
    flags=(_ID,),
)
_LIST = Command("list", "List all preauthkeys", "preauthkeys list", aliases=LISTED)
PREAUTHKEYS = Command(
    name="preauthkeys",
    short="Handle the preauthkeys in Headscale",
    aliases=("preauthkey", "authkey", "pre"),
    inherited=(Flag("user", "u", UINT, _OWNER, required=True, until=28),),
    children=(_CREATE, _DELETE, _EXPIRE, _LIST),
)
_PREFIX = Flag("prefix", "p", STRING, "ApiKey prefix")
_API_ID = Flag("id", "i", UINT, "ApiKey ID", since=28)
APIKEYS = Command(
    name="apikeys",
    short="Handle the Api keys in Headscale",
    aliases=("apikey", "api"),
    children=(
        Command(
            name="create",
            short="Creates a new Api key",
            verb="apikeys create",
            aliases=("c", "new"),
            flags=(Flag("expiration", "e", STRING, _LIFE, default="90d"),),
        ),
        Command(
            name="delete",
            short="Delete an ApiKey",
            verb="apikeys delete",
            aliases=("remove", "del"),
            flags=(_PREFIX, _API_ID),
        ),
        Command(
            name="expire",
            short="Expire an ApiKey",
            verb="apikeys expire",
            aliases=("revoke", "exp", "e"),
            flags=(_PREFIX, _API_ID),
        ),
        Command("list", "List the Api keys for headscale", "apikeys list", aliases=LISTED),
    ),
)
