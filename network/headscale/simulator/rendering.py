"""The two JSON dialects of the releases: A up to 0.29, B in 0.30."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from network.headscale.simulator import clock
from network.headscale.simulator.records import (
    AS_LISTED,
    NOBODY,
    REGISTERED_BY_KEY,
    ApiKey,
    Key,
    Node,
    Pending,
    User,
)
from network.headscale.simulator.releases import Release

Json = Any  # whatever the json module can write
_TAGGED_USER = User(
    id=2147455555, name="tagged-devices", created_ns=clock.ZERO, display_name="Tagged Devices"
)
_METHODS = ("UNSPECIFIED", "AUTH_KEY", "CLI", "OIDC")


def go_json(value: Json, *, one_line: bool = False) -> str:
    """This will write JSON as Go does: indented by tabs, and harmless inside HTML."""
    text = _compact(value) if one_line else _indented(value, "\n")
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _indented(value: Json, line: str) -> str:
    """Indent by tabs; the json module needs twice the time for it."""
    deeper = line + "\t"
    if isinstance(value, dict) and value:
        items = [f"{_compact(key)}: {_indented(item, deeper)}" for key, item in value.items()]
        return "{" + deeper + f",{deeper}".join(items) + line + "}"
    if isinstance(value, list) and value:
        items = [_indented(item, deeper) for item in value]
        return "[" + deeper + f",{deeper}".join(items) + line + "]"
    return _compact(value)


class Dialect:
    """Turns records into JSON values, with the users and keys that machines refer to."""

    def __init__(
        self, release: Release, users: Mapping[int, User], keys: Mapping[int, Key]
    ) -> None:
        self._release = release
        self._users = users
        self._keys = keys

    def listed(self, values: list[Json]) -> Json:
        """This will be a list; up to 0.29 an empty one is null."""
        return values if values or self._release.since(30) else None

    def user(self, user: User | None) -> Json:
        """This will be a user; dialect B shows an empty one where there is none."""
        return _user_b(user) if self._release.since(30) else _user_a(user)

    def key(self, key: Key | None, secret: str | None = None) -> Json:
        """This will be a key; `secret` is shown instead of the text that lists show."""
        text = "" if key is None else self._key_text(key) if secret is None else secret
        if self._release.since(30):
            return self._key_b(key, text)
        return None if key is None else self._key_a(key, text)

    def api_key(self, key: ApiKey) -> Json:
        """This will be a key of a program."""
        if self._release.since(30):
            return {
                "createdAt": clock.to_text(key.created_ns),
                "expiration": clock.to_text(key.expires_ns),
                "id": str(key.id),
                "lastSeen": None,
                "prefix": key.prefix,
            }
        return _present(
            id=key.id,
            prefix=key.prefix,
            expiration=_time_a(key.expires_ns),
            created_at=_time_a(key.created_ns),
        )

    def node(self, node: Node, *, listed: bool = False) -> Json:
        """This will be a machine; lists up to 0.27 say of its tags that they are valid."""
        if self._release.since(30):
            return self._node_b(node)
        valid = node.tags if listed and not self._release.since(28) else ()
        return self._node_a(node, valid)

    def pending(self, item: Pending, user: User) -> Json:
        """This will be a machine that waits: most of it is not known yet."""
        node = Node(
            id=0,
            machine_key=item.machine_key,
            node_key=item.node_key,
            disco_key="discokey:" + 64 * "0",
            address=0,
            name=item.name,
            given_name="",
            user_id=user.id,
            last_seen_ns=clock.ZERO,
            expires_ns=clock.ZERO,
            created_ns=clock.ZERO,
            method=0,
            announced=item.announced,
        )
        return self.node(node)

    def _key_text(self, key: Key) -> str:
        if not self._release.since(28) or key.text.startswith("hskey-"):
            return key.text
        return f"hskey-auth-{key.text[:12]}-***"

    def _owner(self, user_id: int | None) -> User | None:
        return None if user_id is None else self._users.get(user_id)

    def _node_owner(self, node: Node) -> User | None:
        if node.owner_shown == NOBODY:
            return None
        tagged = bool(node.tags) and self._release.since(28) and node.owner_shown == AS_LISTED
        return _TAGGED_USER if tagged else self._owner(node.user_id)

    def _unset(self, node: Node) -> bool:
        """A machine that joined by key has no expiry at all, except in 0.27 and 0.28."""
        by_key = node.method == REGISTERED_BY_KEY and self._release.minor not in (27, 28)
        return node.expires_ns is None or (by_key and node.expires_ns == clock.ZERO)

    def _key_a(self, key: Key, text: str) -> Json:
        return _present(
            user=_user_a(self._owner(key.user_id)),
            id=key.id,
            key=text,
            reusable=key.reusable,
            ephemeral=key.ephemeral,
            used=key.used,
            expiration=_time_a(key.expires_ns),
            created_at=_time_a(key.created_ns),
            acl_tags=list(key.tags),
        )

    def _key_b(self, key: Key | None, text: str) -> Json:
        return {
            "aclTags": None if key is None else list(key.tags),
            "createdAt": None if key is None else clock.to_text(key.created_ns),
            "ephemeral": key is not None and key.ephemeral,
            "expiration": None if key is None else clock.to_text(key.expires_ns),
            "id": "" if key is None else str(key.id),
            "key": text,
            "reusable": key is not None and key.reusable,
            "used": key is not None and key.used,
            "user": _user_b(None if key is None else self._owner(key.user_id)),
        }

    def _node_a(self, node: Node, valid_tags: tuple[str, ...]) -> Json:
        newer = self._release.since(28)
        key = None if node.key_id is None else self._keys.get(node.key_id)
        return _present(
            id=node.id,
            machine_key=node.machine_key,
            node_key=node.node_key,
            disco_key=node.disco_key,
            ip_addresses=list(node.addresses) if node.id else [],
            name=node.name,
            user=_user_a(self._node_owner(node)),
            last_seen=_time_a(node.last_seen_ns),
            expiry=None if self._unset(node) else _time_a(node.expires_ns or 0),
            pre_auth_key=self.key(key) if key else None,
            created_at=_time_a(node.created_ns),
            register_method=node.method,
            forced_tags=[] if newer else list(node.tags),
            valid_tags=list(valid_tags),
            given_name=node.given_name,
            online=node.online,
            approved_routes=list(node.approved),
            available_routes=list(node.announced),
            subnet_routes=_served(node),
            tags=list(node.tags) if newer else [],
        )

    def _node_b(self, node: Node) -> Json:
        key = None if node.key_id is None else self._keys.get(node.key_id)
        return {
            "approvedRoutes": list(node.approved),
            "availableRoutes": list(node.announced),
            "createdAt": clock.to_text(node.created_ns),
            "discoKey": node.disco_key,
            "expiry": None if self._unset(node) else clock.to_text(node.expires_ns or 0),
            "givenName": node.given_name,
            "id": str(node.id),
            "ipAddresses": list(node.addresses) if node.id else [],
            "lastSeen": clock.to_text(node.last_seen_ns),
            "machineKey": node.machine_key,
            "name": node.name,
            "nodeKey": node.node_key,
            "online": node.online,
            "preAuthKey": self.key(key),
            "registerMethod": f"REGISTER_METHOD_{_METHODS[node.method]}",
            "subnetRoutes": _served(node),
            "tags": list(node.tags),
            "user": _user_b(self._node_owner(node)),
        }


def _user_a(user: User | None) -> Json:
    if user is None:
        return None
    return _present(
        id=user.id,
        name=user.name,
        created_at=_time_a(user.created_ns),
        display_name=user.display_name,
        email=user.email,
        profile_pic_url=user.picture,
    )


def _user_b(user: User | None) -> Json:
    return {
        "createdAt": clock.to_text(clock.ZERO if user is None else user.created_ns),
        "displayName": "" if user is None else user.display_name,
        "email": "" if user is None else user.email,
        "id": "" if user is None else str(user.id),
        "name": "" if user is None else user.name,
        "profilePicUrl": "" if user is None else user.picture,
        "provider": "",
        "providerId": "",
    }


def _time_a(at_ns: int) -> Json:
    seconds, nanos = divmod(at_ns, clock.SECOND)
    return _present(seconds=seconds, nanos=nanos)


def _present(**values: Json) -> Json:
    """Leave out every zero value, as Go's `omitempty` does."""
    return {key: value for key, value in values.items() if value or value == {}}


def _served(node: Node) -> list[str]:
    return [route for route in node.announced if route in node.approved]
