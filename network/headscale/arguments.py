"""What may be given to the engine. Each check returns the exact word, or refuses the whole call."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from ipaddress import ip_network

from network.headscale.errors import InvalidArgumentError

ID_LIMIT = 2**63
TEXT_LIMIT = 100
POLICY_LIMIT = 1024 * 1024
_OWNER_LIMIT = 400
_FIRST_YEAR, _LAST_YEAR = 1970, 9998
_ID_TEXT = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
# What every supported release takes as a machine name (0.29 would also take upper case).
_MACHINE_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,61}[a-z0-9]", re.ASCII)
_USER_NAME = re.compile(r"[a-z][a-z0-9._-]{1,49}", re.ASCII)
_LIFETIME = re.compile(r"[1-9][0-9]{0,5}[smhdwy]", re.ASCII)
_TAG = re.compile(r"tag:[a-z][a-z0-9-]{0,62}", re.ASCII)
_LEGACY_KEY = re.compile(r"[0-9a-f]{48}", re.ASCII)
# Up to 0.28 any 24 characters, later with a prefix; both come from a device's own page.
_REGISTRATION_KEY = re.compile(r"[A-Za-z0-9_-]{24}", re.ASCII)
_AUTH_ID = re.compile(r"hskey-authreq-[A-Za-z0-9_-]{24}", re.ASCII)
_API_KEY_PREFIX = re.compile(r"[A-Za-z0-9_-]{4,40}(-\*\*\*)?", re.ASCII)
_EMAIL = re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9.-]{1,190}", re.ASCII)


def positive_id(value: object) -> str:
    """Return the canonical decimal of an engine id; refuses everything but 1 … 2^63-1."""
    if isinstance(value, str) and _ID_TEXT.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < ID_LIMIT:
        raise InvalidArgumentError("Invalid node ID")
    return str(value)


def _matching(pattern: re.Pattern[str], what: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise InvalidArgumentError(f"Invalid {what}")
        return value

    return check


def display_text(value: object) -> str:
    """Let through printable text of up to 100 characters, such as the name of a pharmacy."""
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_LIMIT or not value.isprintable():
        raise InvalidArgumentError("Invalid text")
    return value


def instant(value: object) -> str:
    """Return an aware time, from 1970 to 9998, as RFC 3339 in UTC with whole seconds."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise InvalidArgumentError("Invalid time")
    # The very first and last hours exist in some zones only.
    if not _FIRST_YEAR <= value.year <= _LAST_YEAR:
        raise InvalidArgumentError("Invalid time")
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def owner_name(value: object) -> str:
    """Let through the name of a user that exists: from 0.27 on it may be nearly anything."""
    if not isinstance(value, str) or not 0 < len(value) <= _OWNER_LIMIT or not value.isprintable():
        raise InvalidArgumentError("Invalid user name")
    return value


def route(value: object) -> str:
    """Return a network in its canonical spelling; refuses one with bits set outside its mask."""
    if not isinstance(value, str) or "%" in value or "/" not in value:
        raise InvalidArgumentError("Invalid route")
    try:
        network = ip_network(value)
    except ValueError as error:
        raise InvalidArgumentError("Invalid route") from error
    return str(network)


def policy_text(value: object) -> str:
    """Let through a text of up to 1 MiB without NUL; whether it is a policy, others say."""
    if not isinstance(value, str) or "\0" in value:
        raise InvalidArgumentError("Invalid policy")
    try:
        size = len(value.encode())
    except UnicodeEncodeError as error:
        raise InvalidArgumentError("Invalid policy") from error
    if size > POLICY_LIMIT:
        raise InvalidArgumentError("Invalid policy")
    return value


machine_name = _matching(_MACHINE_NAME, "machine name")
user_name = _matching(_USER_NAME, "user name")
lifetime = _matching(_LIFETIME, "key life")
tag = _matching(_TAG, "tag")
legacy_key = _matching(_LEGACY_KEY, "key")
registration_key = _matching(_REGISTRATION_KEY, "registration key")
auth_id = _matching(_AUTH_ID, "authentication number")
api_key_prefix = _matching(_API_KEY_PREFIX, "key prefix")
email = _matching(_EMAIL, "e-mail address")

CHECKS: dict[str, Callable[[object], str]] = {
    "node_id": positive_id,
    "user_id": positive_id,
    "key_id": positive_id,
    "new_name": machine_name,
    "user_name": user_name,
    "lifetime": lifetime,
    "tags": tag,
    "key": legacy_key,
    "display_name": display_text,
    "email": email,
    "at": instant,
    "owner_name": owner_name,
    "registration_key": registration_key,
    "auth_id": auth_id,
    "api_key_prefix": api_key_prefix,
    "routes": route,
    "policy_text": policy_text,
}
