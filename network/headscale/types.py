"""What the engine answers, in one shape for every release. Plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class User:
    """A user of Headscale; here, one per pharmacy.

    `id` is the engine's number, unique per server. From 0.27 on `name` may hold any text.
    """

    id: int
    name: str
    display_name: str = ""
    email: str = ""
    provider: str = ""
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PreAuthKey:
    """A key with which machines join.

    `key` is the secret only in the answer of its creation; in lists of 0.28 and later it is
    `hskey-auth-<12>-***`. `user` is None for a key that belongs to tags (0.28 and later).
    """

    id: int
    key: str
    user: User | None
    reusable: bool
    ephemeral: bool
    used: bool
    tags: tuple[str, ...]
    expires_at: datetime | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Node:
    """A machine as the engine knows it. Times are aware, in UTC; None means never or unknown.

    `name` is the device's own text and hostile; `given_name` is the DNS label that `rename` sets.
    `online` means "holds a stream to the control server", true only when the engine says so.
    `user` is None for a machine that belongs to its tags (0.28 and later).
    Routes are CIDR strings: announced by the machine, approved by us, serving right now.
    """

    id: int
    name: str
    given_name: str
    user: User | None
    machine_key: str
    node_key: str
    disco_key: str
    addresses: tuple[str, ...]
    tags: tuple[str, ...]
    online: bool
    expires_at: datetime | None
    last_seen_at: datetime | None
    created_at: datetime | None
    register_method: str
    announced_routes: tuple[str, ...]
    approved_routes: tuple[str, ...]
    serving_routes: tuple[str, ...]
    pre_auth_key_id: int | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key with which programs ask the engine from afar.

    `prefix` is what lists show: seven letters up to 0.27, `hskey-api-<12>-***` later.
    """

    id: int
    prefix: str
    expires_at: datetime | None
    created_at: datetime | None
    last_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The policy text as stored, byte for byte."""

    text: str


@dataclass(frozen=True, slots=True)
class Version:
    """The release of the CLI; `number` is None for builds that call themselves `dev`.

    `has_build` says that the answer told how it was built, as 0.27 and later do.
    """

    text: str
    number: tuple[int, int, int] | None
    dirty: bool = False
    has_build: bool = False


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the engine says that it reaches its own database (0.27 and later)."""

    database_connected: bool
