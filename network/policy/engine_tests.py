"""The `tests` section: what the engine itself checks before it takes a policy (0.29 and later).

What the engine can check is less than what `proof` proves. It knows nothing of `autogroup:self`,
it refuses a test that names somebody without a machine, and it takes a denial for kept when one
machine of the source is denied (hscontrol/policy/v2/test.go of 0.29.2). A test that names a user
whose last machine has gone makes the next setting of the same text fail: make it anew first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from network.policy.aliases import destination_of, ports_of
from network.policy.principals import StaffGroup, Tenant

# Every ordered pair up to here; beyond, each pharmacy against the next and the one before it.
PAIRS_LIMIT = 2_000
_TESTED_PROTOCOLS = frozenset({"", "tcp", "udp", "sctp"})


class Assertion(NamedTuple):
    """One entry of `tests`: words of the policy; `proto` may be empty."""

    src: str
    accept: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    proto: str = ""


def assertions(
    tenants: Sequence[Tenant], staff: Sequence[StaffGroup], has_machines: Collection[str]
) -> tuple[Assertion, ...]:
    """Return the tests of a made policy; `has_machines` are accounts with an untagged machine.

    Names that the engine's own tests cannot spell are left to `proof`.
    """
    known = frozenset(has_machines)
    users = [tenant.user for tenant in tenants if tenant.user in known and _is_plain(tenant.user)]
    found = [one for group in staff for one in _of_staff(group, users, known)]
    port = _port_of(staff)
    people = sorted({name for group in staff for name in group.users if name in known})
    desks = tuple(f"{name}@:{port}" for name in people if _is_plain(name))
    for user, others in zip(users, _others(users), strict=True):
        deny = (*(f"{other}@:{port}" for other in others), *desks)
        if deny:
            found.append(Assertion(f"{user}@", deny=deny))
    return tuple(found)


def _of_staff(group: StaffGroup, users: list[str], known: frozenset[str]) -> tuple[Assertion, ...]:
    person = next((name for name in group.users if name in known and _is_plain(name)), None)
    wanted = users if group.pharmacies is None else [u for u in users if u in group.pharmacies]
    if person is None or not wanted or group.protocol.lower() not in _TESTED_PROTOCOLS:
        return ()
    accept = tuple(f"{user}@:{_port_of([group])}" for user in wanted)
    return (Assertion(f"{person}@", accept=accept, proto=group.protocol),)


def _port_of(staff: Sequence[StaffGroup]) -> int:
    """A port that is open to staff, so that a denial of it says something; 22 where none is."""
    for group in staff:
        for text in group.ports:
            ports = ports_of(text)
            if ports is not None and text != "*":
                return ports[0][0] or 1
    return 22


def _others(users: list[str]) -> list[list[str]]:
    if len(users) * (len(users) - 1) <= PAIRS_LIMIT:
        return [[other for other in users if other != user] for user in users]
    count = len(users)
    return [[users[(n + 1) % count], users[n - 1]] for n in range(count)]


def _is_plain(name: str) -> bool:
    """0.29.2 puts the name between quotes as it is, so quotes and backslashes break its tests."""
    found = destination_of(f"{name}@:22")
    is_user = found is not None and found[0].kind == "user" and found[0].text == f"{name}@"
    return is_user and name.isprintable() and not {'"', "\\"} & set(name)
