"""The commands of each release: names, aliases and flags. What they do stands in `verbs`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from network.headscale.simulator.flags import BOOL, STRING, STRINGS, UINT, Flag
from network.headscale.simulator.releases import Release

CONFIG = Flag("config", "c", STRING, "config file (default is /etc/headscale/config.yaml)")
OUTPUT = Flag(
    "output", "o", STRING, "Output format. Empty for human-readable, 'json', 'json-line' or 'yaml'"
)
FORCE = Flag("force", "", BOOL, "Disable prompts and forces the execution")
NODE_ID = Flag("identifier", "i", UINT, "Node identifier (ID)", required=True)
_LIST = ("ls", "show")


@dataclass(frozen=True, slots=True)
class Command:
    """One command. Without `verb` it only groups others and prints help."""

    name: str
    short: str
    verb: str = ""
    arguments: str = ""
    aliases: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()
    inherited: tuple[Flag, ...] = ()
    children: tuple[Command, ...] = ()
    deprecated: str = ""

    def child(self, word: str) -> Command | None:
        """This will find a sub-command by name or alias."""
        return next((c for c in self.children if word == c.name or word in c.aliases), None)


def root(release: Release, argv: Sequence[str]) -> Command:
    """This will be the whole tree. The global flags do not exist when `version` comes first."""
    bare = bool(argv) and argv[0] in ("version", "mockoidc", "completion")
    groups = [
        _apikeys(),
        _debug(),
        _nodes(release),
        _preauthkeys(release),
        _users(release),
        _version(release),
    ]
    if release.since(27):
        groups.append(Command("health", "Check the health of your Headscale server", "health"))
    if release.since(29):
        groups.append(_auth())
    return Command(
        name="headscale",
        short="headscale - a Tailscale control server",
        inherited=() if bare else (CONFIG, FORCE, OUTPUT),
        children=tuple(sorted(groups, key=lambda command: command.name)),
    )


def _version(release: Release) -> Command:
    own = (
        replace(
            OUTPUT, usage="Output format. Empty for human-readable, 'json', 'json-line' or 'yaml'"
        ),
    )
    return Command(
        "version", "Print the version.", "version", flags=own if release.since(27) else ()
    )


def _users(release: Release) -> Command:
    old = ("namespace", "namespaces", "ns")
    by_id = Flag("identifier", "i", UINT, "User identifier (ID)")
    by_name = Flag("name", "n", STRING, "Username")
    new_name = Flag("new-name", "r", STRING, "New username", required=release.since(29))
    create_flags = (
        Flag("display-name", "d", STRING, "Display name"),
        Flag("email", "e", STRING, "Email"),
        Flag("picture-url", "p", STRING, "Profile picture URL"),
    )
    return Command(
        name="users",
        short="Manage the users of Headscale",
        aliases=("user",) if release.since(29) else ("user", *old),
        children=(
            Command(
                "create", "Creates a new user", "users create", "NAME", ("c", "new"), create_flags
            ),
            Command(
                "destroy",
                "Destroys a user",
                "users destroy",
                aliases=("delete",),
                flags=(by_id, by_name),
            ),
            Command(
                "list",
                "List all the users",
                "users list",
                aliases=_LIST,
                flags=(by_id, by_name, Flag("email", "e", STRING, "Email")),
            ),
            Command(
                "rename",
                "Renames a user",
                "users rename",
                aliases=("mv",),
                flags=(by_id, by_name, new_name),
            ),
        ),
    )


def _nodes(release: Release) -> Command:
    old = ("machine", "machines")
    return Command(
        name="nodes",
        short="Manage the nodes of Headscale",
        aliases=("node",) if release.since(29) else ("node", *old),
        children=tuple(command for command in _node_commands(release) if command is not None),
    )


def _node_commands(release: Release) -> tuple[Command | None, ...]:
    by_user = Flag("user", "u", STRING, "Filter by user")
    tags = () if release.since(28) else (Flag("tags", "t", BOOL, "Show tags"),)
    return (
        Command(
            "approve-routes",
            "Manage the approved routes of a node",
            "nodes approve-routes",
            flags=(NODE_ID, Flag("routes", "r", STRINGS, "List of routes")),
        ),
        Command("backfillips", "Backfill IPs missing from nodes", "nodes backfillips"),
        Command("delete", "Delete a node", "nodes delete", aliases=("del",), flags=(NODE_ID,)),
        Command(
            "expire",
            "Expire (log out) a node in your network",
            "nodes expire",
            aliases=("logout", "exp", "e"),
            flags=(NODE_ID, *_expiry_flags(release)),
        ),
        Command("list", "List nodes", "nodes list", aliases=_LIST, flags=(by_user, *tags)),
        Command(
            "list-routes",
            "List routes available on nodes",
            "nodes list-routes",
            aliases=("lsr", "routes"),
            flags=(replace(NODE_ID, required=False),),
        ),
        None
        if release.since(28)
        else Command(
            "move",
            "Move node to another user",
            "nodes move",
            aliases=("mv",),
            flags=(NODE_ID, Flag("user", "u", UINT, "New user identifier", required=True)),
        ),
        _register(release),
        Command(
            "rename", "Renames a node in your network", "nodes rename", "NEW_NAME", flags=(NODE_ID,)
        ),
        Command(
            "tag",
            "Manage the tags of a node",
            "nodes tag",
            aliases=("tags", "t"),
            flags=(NODE_ID, Flag("tags", "t", STRINGS, "List of tags to add to the node")),
        ),
    )


def _expiry_flags(release: Release) -> tuple[Flag, ...]:
    at = Flag(
        "expiry",
        "e",
        STRING,
        "Set expire to (RFC3339 format, e.g. 2025-08-27T10:00:00Z), "
        "or leave empty to expire immediately.",
    )
    never = Flag("disable", "d", BOOL, "Disable key expiry (node will never expire)")
    return ((at, never) if release.since(29) else (at,)) if release.since(27) else ()


def _register(release: Release) -> Command:
    note = "use 'headscale auth register --auth-id <id> --user <user>' instead"
    return Command(
        "register",
        "Registers a node to your network",
        "nodes register",
        flags=(
            Flag("key", "k", STRING, "Key", required=True),
            Flag("user", "u", STRING, "User", required=True),
        ),
        deprecated=note if release.since(29) else "",
    )


def _auth() -> Command:
    code = Flag("auth-id", "", STRING, "Auth ID", required=True)
    user = Flag("user", "u", STRING, "User", required=True)
    register = Command(
        "register", "Register a node to your network", "auth register", flags=(code, user)
    )
    return Command("auth", "Manage node authentication and approval", children=(register,))


def _debug() -> Command:
    flags = (
        Flag("key", "k", STRING, "Key", required=True),
        Flag("name", "", STRING, "Name", required=True),
        Flag("route", "r", STRINGS, "List (or repeated flags) of routes to advertise"),
        Flag("user", "u", STRING, "User", required=True),
    )
    create = Command(
        "create-node",
        "Create a node that can be registered with `nodes register <>` command",
        "debug create-node",
        flags=flags,
    )
    return Command("debug", "debug and testing commands", children=(create,))


def _preauthkeys(release: Release) -> Command:
    newer = release.since(28)
    owner = Flag("user", "u", UINT, "User identifier (ID)", required=not newer)
    by_id = Flag("id", "i", UINT, "Authkey ID", required=newer)
    create_flags = (
        Flag("ephemeral", "", BOOL, "Preauthkey for ephemeral nodes"),
        Flag(
            "expiration",
            "e",
            STRING,
            "Human-readable expiration of the key (e.g. 30m, 24h)",
            default="1h",
        ),
        Flag("reusable", "", BOOL, "Make the preauthkey reusable"),
        Flag("tags", "", STRINGS, "Tags to automatically assign to node"),
    )
    one = (by_id,) if newer else ()
    commands = [
        Command(
            "create",
            "Creates a new preauthkey",
            "preauthkeys create",
            aliases=("c", "new"),
            flags=(*create_flags, owner) if newer else create_flags,
        ),
        Command(
            "expire",
            "Expire a preauthkey",
            "preauthkeys expire",
            "" if newer else "KEY",
            ("revoke", "exp", "e"),
            one,
        ),
        Command("list", "List all preauthkeys", "preauthkeys list", aliases=_LIST),
    ]
    if newer:
        commands.append(
            Command(
                "delete",
                "Delete a preauthkey",
                "preauthkeys delete",
                aliases=("del", "rm", "d"),
                flags=one,
            )
        )
    return Command(
        name="preauthkeys",
        short="Handle the preauthkeys in Headscale",
        aliases=("preauthkey", "authkey", "pre"),
        inherited=() if newer else (owner,),
        children=tuple(sorted(commands, key=lambda command: command.name)),
    )


def _apikeys() -> Command:
    return Command(
        "apikeys",
        "Handle the Api keys in Headscale",
        aliases=("apikey", "api"),
        children=(
            Command("list", "List the Api keys for headscale", "apikeys list", aliases=_LIST),
        ),
    )
