"""The engine's JSON of every release → frozen values. Tolerant by shape, never by version string.

Up to 0.29 the CLI prints protobuf structs (snake_case, zero values left out, `{seconds, nanos}`);
0.30 prints the REST form (camelCase, ids as text, RFC 3339, every key present). Each reader takes
both; whatever fits neither raises ShapeError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from network.headscale.redaction import storable
from network.headscale.types import ApiKey, Health, Node, PreAuthKey, User, Version

Json = object
T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_GO_ZERO_SECONDS = -62135596800
_GO_ZERO_YEAR = 1
# From here on a time is as good as never, and no time zone east of us could show it.
_NEVER_YEAR = 9999
_ID_LIMIT = 2**63
_ID_TEXT = re.compile(r"[0-9]{1,19}", re.ASCII)
_NUMBER = re.compile(r"v?([0-9]{1,4})\.([0-9]{1,4})\.([0-9]{1,4})", re.ASCII)
_TEXT_LIMIT = 4096
_KEY_LIMIT = 100
# The synthetic owner under which 0.28 and later show machines that belong to their tags.
TAGGED_DEVICES_ID = 2147455555
_REGISTER_METHODS = {0: "", 1: "AUTH_KEY", 2: "CLI", 3: "OIDC"}
_LOG_KEYS = {"level", "message"}


class ShapeError(ValueError):
    """The answer has a shape that no known release gives."""


def parse_json(output: bytes) -> Json:
    """Read the one JSON value of an answer; log lines in front of it are passed over.

    Raises ShapeError for anything else, empty output included.
    """
    text = output.decode("utf-8", errors="replace")
    try:
        return _loads(text)
    except ShapeError:
        lines = text.split("\n")
        first = next((i for i, line in enumerate(lines) if not _is_log_line(line)), len(lines))
        if first == 0:
            raise
        return _loads("\n".join(lines[first:]))


def _loads(text: str) -> Json:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ShapeError("no JSON") from error


def _is_log_line(line: str) -> bool:
    """Say whether a line is one of the server's own, printed when its log format is JSON."""
    try:
        value = _loads(line)
    except ShapeError:
        return False
    return isinstance(value, dict) and value.keys() >= _LOG_KEYS


class _Fields:
    """One JSON object, read by the names of either dialect."""

    def __init__(self, value: Json) -> None:
        if not isinstance(value, dict):
            raise ShapeError("not an object")
        self._value: Mapping[str, Json] = value

    def get(self, *names: str) -> Json:
        return next((self._value[name] for name in names if name in self._value), None)

    def has(self, *names: str) -> bool:
        return any(name in self._value for name in names)

    def text(self, *names: str) -> str:
        return clean_text(self.get(*names))

    def flag(self, *names: str) -> bool:
        value = self.get(*names)
        if value is None or isinstance(value, bool):
            return value is True
        raise ShapeError(f"{names[0]} is not a boolean")

    def time(self, *names: str) -> datetime | None:
        return parse_time(self.get(*names))

    def texts(self, *names: str) -> tuple[str, ...]:
        value = self.get(*names)
        if value is None:
            return ()
        if not isinstance(value, list):
            raise ShapeError(f"{names[0]} is not a list")
        return tuple(clean_text(element) for element in value)


def clean_text(value: Json) -> str:
    """Return text that any database can store: no NUL, no lone surrogates, at most 4096 long."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ShapeError("not a text")
    return storable(value)[:_TEXT_LIMIT]


def parse_id(value: Json) -> int | None:
    """Return a positive id from a number or decimal text; None for the zero of either dialect."""
    if isinstance(value, str):
        if value and not _ID_TEXT.fullmatch(value):
            raise ShapeError("not an id")
        value = int(value or 0)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < _ID_LIMIT:
        raise ShapeError("not an id")
    return value or None


def _required_id(value: Json) -> int:
    number = parse_id(value)
    if number is None:
        raise ShapeError("an id is missing")
    return number


def parse_time(value: Json) -> datetime | None:
    """Return an aware UTC time from `{seconds, nanos}` or RFC 3339.

    Go's zero time is None, and so is the last year that can be written.
    """
    if value is None:
        return None
    try:
        moment = _from_text(value) if isinstance(value, str) else _from_struct(value)
    except (ValueError, OverflowError) as error:
        raise ShapeError("not a time") from error
    return moment if _GO_ZERO_YEAR < moment.year < _NEVER_YEAR else None


def _from_text(value: str) -> datetime:
    if value.startswith("0001-01-01T"):
        return datetime.min.replace(tzinfo=UTC)
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ShapeError("a time without offset")
    return moment.astimezone(UTC)


def _from_struct(value: Json) -> datetime:
    fields = _Fields(value)
    seconds, nanos = fields.get("seconds") or 0, fields.get("nanos") or 0
    for part in (seconds, nanos):
        if not isinstance(part, int) or isinstance(part, bool):
            raise ShapeError("not a time")
    assert isinstance(seconds, int)
    assert isinstance(nanos, int)
    if seconds <= _GO_ZERO_SECONDS:
        return datetime.min.replace(tzinfo=UTC)
    return _EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000)


def read_user(value: Json) -> User:
    fields = _Fields(value)
    return User(
        id=_required_id(fields.get("id")),
        name=fields.text("name"),
        display_name=fields.text("display_name", "displayName"),
        email=fields.text("email"),
        provider=fields.text("provider"),
        created_at=fields.time("created_at", "createdAt"),
    )


def _optional_user(value: Json) -> User | None:
    """Read an owner; 0.30's zero object and the synthetic owner of tagged machines are None."""
    if value is None or parse_id(_Fields(value).get("id")) in (None, TAGGED_DEVICES_ID):
        return None
    return read_user(value)


def read_preauth_key(value: Json) -> PreAuthKey:
    fields = _Fields(value)
    return PreAuthKey(
        id=_required_id(fields.get("id")),
        key=fields.text("key"),
        user=_optional_user(fields.get("user")),
        reusable=fields.flag("reusable"),
        ephemeral=fields.flag("ephemeral"),
        used=fields.flag("used"),
        tags=fields.texts("acl_tags", "aclTags"),
        expires_at=fields.time("expiration"),
        created_at=fields.time("created_at", "createdAt"),
    )


def _preauth_key_id(value: Json) -> int | None:
    return None if value is None else parse_id(_Fields(value).get("id"))


def _register_method(value: Json) -> str:
    if isinstance(value, str):
        method = value.removeprefix("REGISTER_METHOD_")
        return "" if method == "UNSPECIFIED" else clean_text(method)
    if value is None:
        return ""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ShapeError("not a register method")
    return _REGISTER_METHODS.get(value, "")


def _tags(fields: _Fields) -> tuple[str, ...]:
    """Read the tags; up to 0.27 they come as forced and valid ones."""
    if fields.has("tags"):
        return fields.texts("tags")
    return tuple(dict.fromkeys(fields.texts("forced_tags") + fields.texts("valid_tags")))


def read_node(value: Json) -> Node:
    fields = _Fields(value)
    machine_key = fields.text("machine_key", "machineKey")
    if not 0 < len(machine_key) <= _KEY_LIMIT:
        raise ShapeError("a machine without key")
    return Node(
        id=_required_id(fields.get("id")),
        name=fields.text("name"),
        given_name=fields.text("given_name", "givenName"),
        user=_optional_user(fields.get("user")),
        machine_key=machine_key,
        node_key=fields.text("node_key", "nodeKey"),
        disco_key=fields.text("disco_key", "discoKey"),
        addresses=fields.texts("ip_addresses", "ipAddresses"),
        tags=_tags(fields),
        online=fields.flag("online"),
        expires_at=fields.time("expiry"),
        last_seen_at=fields.time("last_seen", "lastSeen"),
        created_at=fields.time("created_at", "createdAt"),
        register_method=_register_method(fields.get("register_method", "registerMethod")),
        announced_routes=fields.texts("available_routes", "availableRoutes"),
        approved_routes=fields.texts("approved_routes", "approvedRoutes"),
        serving_routes=fields.texts("subnet_routes", "subnetRoutes"),
        pre_auth_key_id=_preauth_key_id(fields.get("pre_auth_key", "preAuthKey")),
    )


def read_version(value: Json) -> Version:
    fields = _Fields(value)
    text = fields.text("version")
    if not text:
        raise ShapeError("a version without text")
    has_build = fields.has("go", "buildTime")
    return Version(text, version_number(text), fields.flag("dirty"), has_build)


def version_number(text: str) -> tuple[int, int, int] | None:
    """Return the three numbers of a release such as `v0.28.0`; None for `dev` and the like."""
    found = _NUMBER.search(text)
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def read_health(value: Json) -> Health:
    fields = _Fields(value)
    if not fields.has("database_connectivity", "databaseConnectivity"):
        # 0.27 to 0.29 leave out false.
        return Health(database_connected=False)
    return Health(fields.flag("database_connectivity", "databaseConnectivity"))


def read_nothing(value: Json) -> None:
    if value != {}:
        raise ShapeError("not an empty object")


def _read_result(value: Json, done: str) -> bool:
    """Say whether it was done: `{}`, or a sentence that ends with the word and not with "not …"."""
    if value == {}:
        return True
    result = _Fields(value).text("Result")
    if not result:
        raise ShapeError("not a result")
    return result.endswith(f" {done}") and not result.endswith(f"not {done}")


def read_deletion(value: Json) -> bool:
    """Say whether a machine was deleted: `{}` up to 0.28, a sentence from 0.29 on."""
    return _read_result(value, "deleted")


def read_destruction(value: Json) -> bool:
    """Say whether a user was destroyed."""
    return _read_result(value, "destroyed")


def read_changes(value: Json) -> tuple[str, ...]:
    """Read what `backfillips` did, a sentence a machine; up to 0.29 nothing to do is `{}`."""
    return _Fields(value).texts("changes")


def read_api_key(value: Json) -> ApiKey:
    fields = _Fields(value)
    prefix = fields.text("prefix")
    if not 0 < len(prefix) <= _KEY_LIMIT:
        raise ShapeError("a key without prefix")
    return ApiKey(
        id=_required_id(fields.get("id")),
        prefix=prefix,
        expires_at=fields.time("expiration"),
        created_at=fields.time("created_at", "createdAt"),
        last_seen_at=fields.time("last_seen", "lastSeen"),
    )


def read_secret(value: Json) -> str:
    """Read the bare JSON text with which a fresh API key is shown, this once."""
    secret = clean_text(value)
    if not 0 < len(secret) <= 2 * _KEY_LIMIT:
        raise ShapeError("not a secret")
    return secret


def _list_of(read: Callable[[Json], T]) -> Callable[[Json], tuple[T, ...]]:
    """Make a reader of lists; up to 0.29 an empty list is `null`."""

    def read_list(value: Json) -> tuple[T, ...]:
        if value is None:
            return ()
        if not isinstance(value, list):
            raise ShapeError("not a list")
        return tuple(read(element) for element in value)

    return read_list


read_nodes = _list_of(read_node)
read_users = _list_of(read_user)
read_preauth_keys = _list_of(read_preauth_key)
read_api_keys = _list_of(read_api_key)

READERS: dict[str, Callable[[Json], object]] = {
    "version": read_version,
    "health": read_health,
    "nodes": read_nodes,
    "node": read_node,
    "deletion": read_deletion,
    "users": read_users,
    "user": read_user,
    "preauth_keys": read_preauth_keys,
    "preauth_key": read_preauth_key,
    "nothing": read_nothing,
    "destruction": read_destruction,
    "changes": read_changes,
    "api_keys": read_api_keys,
    "secret": read_secret,
}
