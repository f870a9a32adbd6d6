"""Everything that the engine knows at an instant: the demo fleet with all changes laid over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

from network.headscale.simulator import fleet, presence
from network.headscale.simulator.config import Config
from network.headscale.simulator.records import ApiKey, Key, Node, Pending, User
from network.headscale.simulator.state import (
    API_KEY,
    KEY,
    NODE,
    PENDING,
    POLICY,
    USER,
    Changes,
    Store,
)

GONE = "gone"
FORCED = "online"
EXPIRES = "expires_ns"
_LISTS = frozenset({"tags", "announced", "approved"})


class Roster:
    """A view of users, machines and keys at one instant; each is worked out when first asked."""

    def __init__(self, config: Config, store: Store, at_ns: int) -> None:
        self._config = config
        self._store = store
        self.at_ns = at_ns

    @cached_property
    def users(self) -> dict[int, User]:
        """All users by id."""
        base = fleet.users(self._config.seed, self._config.pharmacies)
        return _laid_over(base, self._store.changes(USER), User)

    @cached_property
    def keys(self) -> dict[int, Key]:
        """All pre-authentication keys by id."""
        base = fleet.keys(self._config.seed, self._config.pharmacies)
        return _laid_over(base, self._store.changes(KEY), Key)

    @cached_property
    def nodes(self) -> dict[int, Node]:
        """All machines by id, with their presence."""
        changes = self._store.changes(NODE)
        seed = self._config.seed
        base: dict[int, Node] = {}
        for machine in fleet.machines(seed, self._config.pharmacies, self.at_ns):
            if changes.get(machine.node.id, {}).get(GONE):
                continue
            # A machine whose expiry somebody has set comes and goes as if it never expired.
            freed = EXPIRES in changes.get(machine.node.id, {})
            online = presence.online(seed, machine, self.at_ns, ignoring_expiry=freed)
            seen_ns = presence.last_seen(seed, machine, self.at_ns)
            base[machine.node.id] = replace(machine.node, online=online, last_seen_ns=seen_ns)
        return _laid_over(base, changes, Node)

    @cached_property
    def api_keys(self) -> dict[int, ApiKey]:
        """All keys of programs by id."""
        return _laid_over({}, self._store.changes(API_KEY), ApiKey)

    @property
    def policy(self) -> str | None:
        """The stored policy; None before the first."""
        texts = [row["text"] for row in self._store.changes(POLICY).values()]
        return texts[-1] if texts else None

    @property
    def live_policy(self) -> str:
        """The policy that the running server follows: the empty text waits for its restart."""
        texts = [row["text"] for row in self._store.changes(POLICY).values()]
        return next((text for text in reversed(texts) if text.strip()), "")

    @property
    def pending(self) -> dict[str, Pending]:
        """The machines that wait for their registration, by code."""
        rows = self._store.changes(PENDING).values()
        waiting = [_record(row, Pending) for row in rows if not row.get(GONE)]
        return {item.code: item for item in waiting if item.until_ns > self.at_ns}

    def user_named(self, name: str) -> User | None:
        """This will find a user by name."""
        return next((user for user in self.users.values() if user.name == name), None)

    def next_user_id(self) -> int:
        """This will take the next free id of a user. Needs a transaction."""
        return self._store.count("user", at_least=self._config.pharmacies)

    def next_key_id(self) -> int:
        """This will take the next free id of a key. Needs a transaction."""
        return self._store.count("key", at_least=self._config.pharmacies)

    def next_node_id(self) -> int:
        """This will take the next free id of a machine, out of reach of the fleet's own ids."""
        return self._store.count("node", at_least=self._own_ids())

    def next_address(self) -> int:
        """This will take the next free number of an address. Needs a transaction."""
        return self._store.count("address", at_least=self._own_ids())

    def _own_ids(self) -> int:
        return 100_000 if self._config.pharmacies else 0


def _laid_over(
    base: Mapping[int, Any],  # records of one type
    changes: Mapping[int, Changes],
    record_type: type,
) -> dict[int, Any]:
    found = dict(base)
    for record_id, change in changes.items():
        fields = {key: value for key, value in change.items() if value is not None or key != FORCED}
        if fields.pop(GONE, False):
            found.pop(record_id, None)
        elif record_id in found:
            found[record_id] = replace(found[record_id], **_typed(fields))
        elif "created_ns" in fields:
            found[record_id] = _record(fields, record_type)
    return found


def _record(fields: Changes, record_type: type) -> Any:  # one of the record types
    return record_type(**_typed({key: value for key, value in fields.items() if key != GONE}))


def _typed(fields: Changes) -> Changes:
    return {key: tuple(value) if key in _LISTS else value for key, value in fields.items()}
