"""The demo fleet: which machines stand where, a pure function of seed, size and clock.

A slot is a place for a machine in a pharmacy. The machine in it is replaced every year or three,
so that machines leave and join while the fleet keeps its size.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from network.headscale.simulator import clock
from network.headscale.simulator.draws import between, chance, draw, hexadecimal
from network.headscale.simulator.pharmacies import pharmacies, user_name
from network.headscale.simulator.records import REGISTERED_BY_KEY, Key, Node, User

# 2026-01-01 in Korea, as days since 1970: from here on the replacements of a slot are counted.
_EPOCH_DAY = 20_454
_KEY_LIFE_DAYS = 180
_LIFE = 21
_PHASE = 22
_JOINED = 23
_EXPIRES = 24
_RENEWED = 25
_KEYS = 26
_OPENED = 27
_NANOS = 28
ALWAYS_ON = frozenset({"gateway", "server"})


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one machine. `number` counts from 0 over the whole fleet.

    Its machine is replaced on `replaced_day` (days since 1970) and every `life_days` from then.
    """

    number: int
    pharmacy: int
    role: str
    life_days: int
    replaced_day: int


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine that stands in a slot during one generation."""

    node: Node
    slot: Slot


@lru_cache(maxsize=4)
def slots(seed: int, count: int) -> tuple[Slot, ...]:
    """This will lay out the places of a fleet: four and a half a pharmacy."""
    places: list[Slot] = []
    for pharmacy in range(1, count + 1):
        for role in _roles(seed + pharmacy):
            places.append(_slot(seed, len(places), pharmacy, role))
    return tuple(places)


def _slot(seed: int, number: int, pharmacy: int, role: str) -> Slot:
    life_days = between(400, 1200, seed, _LIFE, number)
    return Slot(
        number=number,
        pharmacy=pharmacy,
        role=role,
        life_days=life_days,
        replaced_day=_EPOCH_DAY + draw(seed, _PHASE, number) % life_days,
    )


def _roles(turn: int) -> list[str]:
    roles = ["gateway", "dispensing1", "counter1"]
    optional = ("counter2", "server", "pos1")
    return roles + [role for bit, role in enumerate(optional) if turn >> bit & 1]


def users(seed: int, count: int) -> dict[int, User]:
    """This will be the engine's users: one a pharmacy, numbered like it."""
    return {
        pharmacy.number: User(
            id=pharmacy.number,
            name=pharmacy.headscale_user_name,
            created_ns=_opened(seed, pharmacy.number),
            display_name=pharmacy.name,
        )
        for pharmacy in pharmacies(seed, count)
    }


def keys(seed: int, count: int) -> dict[int, Key]:
    """This will be the pre-authentication keys with which the machines once joined."""
    return {
        number: Key(
            id=number,
            text=hexadecimal(48, seed, _KEYS, number),
            user_id=number,
            expires_ns=_opened(seed, number) + clock.DAY_S * clock.SECOND,
            created_ns=_opened(seed, number) + 60 * clock.SECOND,
            reusable=True,
            used=True,
        )
        for number in range(1, count + 1)
    }


def machines(seed: int, count: int, at_ns: int) -> list[Machine]:
    """This will be the machines that have joined by an instant, in the order of their slots."""
    day, _ = clock.local_day(at_ns)
    total = len(slots(seed, count))
    found = [_machine(seed, slot, _generation(slot, day), total) for slot in slots(seed, count)]
    return [
        Machine(node=_aged(seed, machine.node, at_ns), slot=machine.slot)
        for machine in found
        if machine.node.created_ns <= at_ns
    ]


def _generation(slot: Slot, day: int) -> int:
    """Count the replacements of a slot since the epoch; the very first machine has number 0."""
    return max(0, (day - slot.replaced_day) // slot.life_days + 1)


@lru_cache(maxsize=4096)
def _machine(seed: int, slot: Slot, generation: int, total: int) -> Machine:
    node_id = 1 + slot.number + generation * total
    joined_day = slot.replaced_day + (generation - 1) * slot.life_days
    joined_s = between(10 * 3600, 17 * 3600, seed, _JOINED, node_id)
    created = clock.start_of_local_day(joined_day) + joined_s * clock.SECOND
    name = f"{user_name(slot.pharmacy)}-{slot.role}"
    node = Node(
        id=node_id,
        machine_key="mkey:" + hexadecimal(64, seed, _KEYS, node_id, 1),
        node_key="nodekey:" + hexadecimal(64, seed, _KEYS, node_id, 2),
        disco_key="discokey:" + hexadecimal(64, seed, _KEYS, node_id, 3),
        address=node_id + 255,
        name=name,
        given_name=name,
        user_id=slot.pharmacy,
        last_seen_ns=created,
        expires_ns=clock.ZERO,
        created_ns=created + between(0, clock.SECOND - 1, seed, _NANOS, node_id),
        method=REGISTERED_BY_KEY,
        key_id=slot.pharmacy,
    )
    return Machine(node=node, slot=slot)


def _aged(seed: int, node: Node, at_ns: int) -> Node:
    """Give every eighth machine a key that expires, and is renewed some days too late."""
    if not chance(0.12, seed, _EXPIRES, node.id):
        return node
    late_days = between(1, 14, seed, _RENEWED, node.id)
    cycle_ns = (_KEY_LIFE_DAYS + late_days) * clock.DAY_S * clock.SECOND
    cycles = (at_ns - node.created_ns) // cycle_ns
    login_ns = node.created_ns + cycles * cycle_ns
    return replace(node, expires_ns=login_ns + _KEY_LIFE_DAYS * clock.DAY_S * clock.SECOND)


def _opened(seed: int, pharmacy: int) -> int:
    day = _EPOCH_DAY - between(1250, 1600, seed, _OPENED, pharmacy)
    return clock.start_of_local_day(day) + between(0, 999_999_999, seed, _NANOS, pharmacy)
