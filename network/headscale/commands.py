"""Every verb of the engine's command line as data: words, arguments, releases, repeatability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from network.headscale.arguments import CHECKS
from network.headscale.errors import InvalidArgumentError

Release = tuple[int, int]


@dataclass(frozen=True, slots=True)
class IdFlag:
    """A short flag and a canonical decimal as two words, as in `-i 7`."""

    flag: str
    argument: str

    def words(self, value: object) -> list[str]:
        return [self.flag, CHECKS[self.argument](value)]


@dataclass(frozen=True, slots=True)
class Flag:
    """A flag with its value as one word (`--name=value`); left out when the argument is absent."""

    flag: str
    argument: str

    def words(self, value: object) -> list[str]:
        return [f"{self.flag}={CHECKS[self.argument](value)}"]


@dataclass(frozen=True, slots=True)
class EachFlag:
    """One occurrence of the flag per element, so that a comma can never make two."""

    flag: str
    argument: str

    def words(self, value: object) -> list[str]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise InvalidArgumentError(f"Invalid {self.argument}")
        return [f"{self.flag}={CHECKS[self.argument](element)}" for element in value]


@dataclass(frozen=True, slots=True)
class Switch:
    """A flag without value, present when the argument is true."""

    flag: str
    argument: str

    def words(self, value: object) -> list[str]:
        if not isinstance(value, bool):
            raise InvalidArgumentError(f"Invalid {self.argument}")
        return [self.flag] if value else []


@dataclass(frozen=True, slots=True)
class Positional:
    """The one free word; it stands behind `--`, so that it can never be read as a flag."""

    argument: str

    def words(self, value: object) -> list[str]:
        return ["--", CHECKS[self.argument](value)]


Part = IdFlag | Flag | EachFlag | Switch | Positional


@dataclass(frozen=True, slots=True)
class Verb:
    """One thing the engine can be asked to do.

    `needs` are the arguments without which the call is refused. `answer` names the reader in
    `dialects`. A repeatable verb may be sent again when it provably had no effect. `since` and
    `until` are the first and last release that know it.
    """

    name: str
    words: tuple[str, ...]
    answer: str
    parts: tuple[Part, ...] = ()
    needs: frozenset[str] = frozenset()
    changes: bool = False
    repeatable: bool = True
    since: Release | None = None
    until: Release | None = None

    def argv(self, arguments: Mapping[str, object]) -> tuple[str, ...]:
        """Render the words after `headscale`; raises InvalidArgumentError for anything unusual."""
        given = {name: value for name, value in arguments.items() if value is not None}
        unknown = given.keys() - {part.argument for part in self.parts}
        missing = self.needs - given.keys()
        if unknown or missing:
            raise InvalidArgumentError(f"Wrong arguments: {sorted(unknown | missing)}")
        words = ["-o", "json", *self.words]
        for part in self.parts:
            if part.argument in given:
                words += part.words(given[part.argument])
        return tuple(words)


_NODE = IdFlag("-i", "node_id")

VERSION = Verb("version", ("version",), "version")
HEALTH = Verb("health", ("health",), "health", since=(0, 27))
LIST_NODES = Verb("nodes list", ("nodes", "list"), "nodes")
RENAME_NODE = Verb(
    "nodes rename",
    ("nodes", "rename"),
    "node",
    parts=(_NODE, Positional("new_name")),
    needs=frozenset({"node_id", "new_name"}),
    changes=True,
)
EXPIRE_NODE = Verb(
    "nodes expire",
    ("nodes", "expire"),
    "node",
    parts=(_NODE, Flag("--expiry", "at"), Switch("--disable", "never")),
    needs=frozenset({"node_id"}),
    changes=True,
)
DELETE_NODE = Verb(
    "nodes delete",
    ("nodes", "delete", "--force"),
    "deletion",
    parts=(_NODE,),
    needs=frozenset({"node_id"}),
    changes=True,
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
LIST_PREAUTH_KEYS = Verb("preauthkeys list", ("preauthkeys", "list"), "preauth_keys", since=(0, 28))
LIST_PREAUTH_KEYS_OF_USER = Verb(
    "preauthkeys list",
    ("preauthkeys", "list"),
    "preauth_keys",
    parts=(IdFlag("-u", "user_id"),),
    needs=frozenset({"user_id"}),
    until=(0, 27),
)
CREATE_PREAUTH_KEY = Verb(
    "preauthkeys create",
    ("preauthkeys", "create"),
    "preauth_key",
    parts=(
        IdFlag("-u", "user_id"),
        Flag("--expiration", "lifetime"),
        Switch("--reusable", "reusable"),
        Switch("--ephemeral", "ephemeral"),
        EachFlag("--tags", "tags"),
    ),
    needs=frozenset({"user_id", "lifetime"}),
    changes=True,
    repeatable=False,
)
EXPIRE_PREAUTH_KEY = Verb(
    "preauthkeys expire",
    ("preauthkeys", "expire"),
    "nothing",
    parts=(IdFlag("-i", "key_id"),),
    needs=frozenset({"key_id"}),
    changes=True,
    since=(0, 28),
)
# The one place where a release leaves no choice but a secret on the argument list.
EXPIRE_PREAUTH_KEY_BY_SECRET = Verb(
    "preauthkeys expire",
    ("preauthkeys", "expire"),
    "nothing",
    parts=(IdFlag("-u", "user_id"), Positional("key")),
    needs=frozenset({"user_id", "key"}),
    changes=True,
    until=(0, 27),
)

VERBS: tuple[Verb, ...] = (
    VERSION,
    HEALTH,
    LIST_NODES,
    RENAME_NODE,
    EXPIRE_NODE,
    DELETE_NODE,
    LIST_USERS,
    CREATE_USER,
    LIST_PREAUTH_KEYS,
    LIST_PREAUTH_KEYS_OF_USER,
    CREATE_PREAUTH_KEY,
    EXPIRE_PREAUTH_KEY,
    EXPIRE_PREAUTH_KEY_BY_SECRET,
)
