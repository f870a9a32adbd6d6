"""What the engine keeps, as plain values. Instants are nanoseconds; see `clock`."""

from __future__ import annotations

from dataclasses import dataclass

REGISTERED_BY_KEY = 1
REGISTERED_BY_CLI = 2
AS_LISTED, ITS_OWN, NOBODY = "as listed", "its own", "nobody"


@dataclass(frozen=True, slots=True)
class User:
    """A user of the engine."""

    id: int
    name: str
    created_ns: int
    display_name: str = ""
    email: str = ""
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Key:
    """A pre-authentication key. `text` is what lists show of it."""

    id: int
    text: str
    user_id: int | None
    expires_ns: int
    created_ns: int
    reusable: bool = False
    ephemeral: bool = False
    used: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of a program. `prefix` is what lists show of it."""

    id: int
    prefix: str
    expires_ns: int
    created_ns: int


@dataclass(frozen=True, slots=True)
class Node:
    """A machine. `address` numbers its two IP addresses; `expires_ns` None means unset.

    `owner_shown` says whom an answer names: as lists do, its own user, or nobody.
    """

    id: int
    machine_key: str
    node_key: str
    disco_key: str
    address: int
    name: str
    given_name: str
    user_id: int
    last_seen_ns: int
    expires_ns: int | None
    created_ns: int
    method: int = REGISTERED_BY_CLI
    key_id: int | None = None
    online: bool = False
    tags: tuple[str, ...] = ()
    announced: tuple[str, ...] = ()
    approved: tuple[str, ...] = ()
    owner_shown: str = AS_LISTED

    @property
    def addresses(self) -> tuple[str, str]:
        """The IPv4 and the IPv6 address, in the order in which the engine lists them."""
        number = self.address
        third, fourth = number >> 8 & 255, number & 255
        return f"100.{64 + (number >> 16)}.{third}.{fourth}", f"fd7a:115c:a1e0::{number:x}"


@dataclass(frozen=True, slots=True)
class Pending:
    """A machine that has asked to be let in and waits for its registration."""

    code: str
    name: str
    machine_key: str
    node_key: str
    announced: tuple[str, ...]
    until_ns: int
