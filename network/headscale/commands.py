"""Every verb of the engine's command line as data: words, arguments, answer, repeatability."""

from __future__ import annotations

from network.headscale.grammar import (
    EachFlag,
    Flag,
    IdFlag,
    Part,
    Positional,
    Switch,
    Verb,
    WholeSet,
)

_NODE = IdFlag("-i", "node_id")
_USER = IdFlag("-u", "user_id")
_KEY = IdFlag("-i", "key_id")
_OF_NODE = frozenset({"node_id"})
_OF_KEY = frozenset({"key_id"})


def _on_node(verb: str, *parts: Part, needs: tuple[str, ...] = (), feature: str = "") -> Verb:
    """A change of one machine, answered with the machine as it is afterwards."""
    return Verb(
        f"nodes {verb}",
        ("nodes", verb),
        "node",
        parts=(_NODE, *parts),
        needs=_OF_NODE.union(needs),
        changes=True,
        feature=feature,
    )


VERSION = Verb("version", ("version",), "version")
HEALTH = Verb("health", ("health",), "health", feature="health")
# Two groups without a verb: they print what they know, and that tells releases apart.
NODES_HELP = Verb("nodes", ("nodes",), "help")
OAUTH_HELP = Verb("oauth-clients", ("oauth-clients",), "help")

LIST_NODES = Verb("nodes list", ("nodes", "list"), "nodes")
LIST_ROUTES = Verb("nodes list-routes", ("nodes", "list-routes"), "nodes")
RENAME_NODE = _on_node("rename", Positional("new_name"), needs=("new_name",))
EXPIRE_NODE = _on_node("expire", Flag("--expiry", "at"), Switch("--disable", "never"))
TAG_NODE = _on_node("tag", WholeSet("--tags", "tags"), needs=("tags",))
APPROVE_ROUTES = _on_node("approve-routes", WholeSet("--routes", "routes"), needs=("routes",))
MOVE_NODE = _on_node("move", _USER, needs=("user_id",), feature="nodes.move")
DELETE_NODE = Verb(
    "nodes delete",
    ("nodes", "delete", "--force"),
    "deletion",
    parts=(_NODE,),
    needs=_OF_NODE,
    changes=True,
)
REGISTER_NODE = Verb(
    "nodes register",
    ("nodes", "register"),
    "node",
    parts=(Flag("--user", "owner_name"), Flag("--key", "registration_key")),
    needs=frozenset({"owner_name", "registration_key"}),
    changes=True,
    repeatable=False,
    feature="nodes.register",
)
BACKFILL_IPS = Verb(
    "nodes backfillips",
    ("--force", "nodes", "backfillips"),
    "changes",
    changes=True,
    feature="nodes.backfillips",
)

AUTH_REGISTER = Verb(
    "auth register",
    ("auth", "register"),
    "node",
    parts=(Flag("--user", "owner_name"), Flag("--auth-id", "auth_id")),
    needs=frozenset({"owner_name", "auth_id"}),
    changes=True,
    repeatable=False,
    feature="auth",
)
AUTH_APPROVE = Verb(
    "auth approve",
    ("auth", "approve"),
    "nothing",
    parts=(Flag("--auth-id", "auth_id"),),
    needs=frozenset({"auth_id"}),
    changes=True,
    repeatable=False,
    feature="auth",
)
AUTH_REJECT = Verb(
    "auth reject",
    ("auth", "reject"),
    "nothing",
    parts=(Flag("--auth-id", "auth_id"),),
    needs=frozenset({"auth_id"}),
    changes=True,
    repeatable=False,
    feature="auth",
)

LIST_USERS = Verb("users list", ("users", "list"), "users")
CREATE_USER = Verb(
    "users create",
    ("users", "create"),
    "user",
    parts=(
        Flag("--display-name", "display_name"),
        Flag("--email", "email"),
        Positional("user_name"),
    ),
    needs=frozenset({"user_name"}),
    changes=True,
    repeatable=False,
)
# By number only: renaming by name never worked.
RENAME_USER = Verb(
    "users rename",
    ("users", "rename"),
    "user",
    parts=(IdFlag("-i", "user_id"), Flag("--new-name", "user_name")),
    needs=frozenset({"user_id", "user_name"}),
    changes=True,
)
DESTROY_USER = Verb(
    "users destroy",
    ("users", "destroy", "--force"),
    "destruction",
    parts=(IdFlag("-i", "user_id"),),
    needs=frozenset({"user_id"}),
    changes=True,
    feature="users.destroy",
)

LIST_PREAUTH_KEYS = Verb(
    "preauthkeys list", ("preauthkeys", "list"), "preauth_keys", feature="preauthkeys.by_id"
)
LIST_PREAUTH_KEYS_OF_USER = Verb(
    "preauthkeys list",
    ("preauthkeys", "list"),
    "preauth_keys",
    parts=(_USER,),
    needs=frozenset({"user_id"}),
    feature="preauthkeys.by_user",
)
CREATE_PREAUTH_KEY = Verb(
    "preauthkeys create",
    ("preauthkeys", "create"),
    "preauth_key",
    parts=(
        _USER,
        Flag("--expiration", "lifetime"),
        Switch("--reusable", "reusable"),
        Switch("--ephemeral", "ephemeral"),
        EachFlag("--tags", "tags"),
    ),
    needs=frozenset({"lifetime"}),
    changes=True,
    repeatable=False,
)
EXPIRE_PREAUTH_KEY = Verb(
    "preauthkeys expire",
    ("preauthkeys", "expire"),
    "nothing",
    parts=(_KEY,),
    needs=_OF_KEY,
    changes=True,
    feature="preauthkeys.by_id",
)
# The one place where a release leaves no choice but a secret on the argument list.
EXPIRE_PREAUTH_KEY_BY_SECRET = Verb(
    "preauthkeys expire",
    ("preauthkeys", "expire"),
    "nothing",
    parts=(_USER, Positional("key")),
    needs=frozenset({"user_id", "key"}),
    changes=True,
    feature="preauthkeys.by_user",
)
DELETE_PREAUTH_KEY = Verb(
    "preauthkeys delete",
    ("preauthkeys", "delete"),
    "nothing",
    parts=(_KEY,),
    needs=_OF_KEY,
    changes=True,
    feature="preauthkeys.delete",
)

_PREFIX = Flag("--prefix", "api_key_prefix")
_OF_PREFIX = frozenset({"api_key_prefix"})
LIST_API_KEYS = Verb("apikeys list", ("apikeys", "list"), "api_keys")
CREATE_API_KEY = Verb(
    "apikeys create",
    ("apikeys", "create"),
    "secret",
    parts=(Flag("--expiration", "lifetime"),),
    needs=frozenset({"lifetime"}),
    changes=True,
    repeatable=False,
)
EXPIRE_API_KEY = Verb(
    "apikeys expire",
    ("apikeys", "expire"),
    "nothing",
    parts=(_PREFIX,),
    needs=_OF_PREFIX,
    changes=True,
)
DELETE_API_KEY = Verb(
    "apikeys delete",
    ("apikeys", "delete"),
    "nothing",
    parts=(_PREFIX,),
    needs=_OF_PREFIX,
    changes=True,
)

_FROM_INPUT = ("-f", "/dev/stdin")
_WITH_TEXT = frozenset({"policy_text"})
GET_POLICY = Verb("policy get", ("policy", "get"), "policy")
SET_POLICY = Verb(
    "policy set",
    ("policy", "set", *_FROM_INPUT),
    "policy_updated",
    needs=_WITH_TEXT,
    changes=True,
    stdin="policy_text",
)
CHECK_POLICY = Verb(
    "policy check",
    ("policy", "check", *_FROM_INPUT),
    "policy_valid",
    needs=_WITH_TEXT,
    stdin="policy_text",
    feature="policy.server_check",
)
# Up to 0.28 the program checks by itself, without the server and without its global flags.
CHECK_POLICY_LOCALLY = Verb(
    "policy check",
    ("policy", "check", *_FROM_INPUT),
    "policy_valid",
    needs=_WITH_TEXT,
    stdin="policy_text",
    feature="policy.local_check",
    bare=True,
)

VERBS: tuple[Verb, ...] = (
    VERSION,
    HEALTH,
    LIST_NODES,
    LIST_ROUTES,
    RENAME_NODE,
    EXPIRE_NODE,
    TAG_NODE,
    APPROVE_ROUTES,
    MOVE_NODE,
    DELETE_NODE,
    REGISTER_NODE,
    BACKFILL_IPS,
    AUTH_REGISTER,
    AUTH_APPROVE,
    AUTH_REJECT,
    LIST_USERS,
    CREATE_USER,
    RENAME_USER,
    DESTROY_USER,
    LIST_PREAUTH_KEYS,
    LIST_PREAUTH_KEYS_OF_USER,
    CREATE_PREAUTH_KEY,
    EXPIRE_PREAUTH_KEY,
    EXPIRE_PREAUTH_KEY_BY_SECRET,
    DELETE_PREAUTH_KEY,
    LIST_API_KEYS,
    CREATE_API_KEY,
    EXPIRE_API_KEY,
    DELETE_API_KEY,
    GET_POLICY,
    SET_POLICY,
    CHECK_POLICY,
    CHECK_POLICY_LOCALLY,
    NODES_HELP,
    OAUTH_HELP,
)
