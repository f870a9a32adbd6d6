"""Small networks to judge policies in."""

from __future__ import annotations

from collections.abc import Callable

from network.policy.document import Document
from network.policy.evaluate import Evaluator
from network.policy.principals import Account, Machine, StaffGroup, Tenant
from network.policy.reading import read_policy
from network.policy.sayings import PolicyError
from network.policy.sides import Parties

HUB = '{"acls": [{"action": "accept", "src": ["staff@"], "dst": ["*:22"]}]}'
HUB_SELF = """{"acls": [
  {"action": "accept", "src": ["staff@"], "dst": ["*:22"]},
  {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:self:*"]},
]}"""
HUB_RULE_EACH = """{"acls": [
  {"action": "accept", "src": ["staff@"], "dst": ["*:22"]},
  {"action": "accept", "src": ["a@"], "dst": ["a@:*"]},
  {"action": "accept", "src": ["b@"], "dst": ["b@:*"]},
]}"""

# The network of the recordings: two pharmacies with two machines each, and one of our people.
ACCOUNTS = (Account(1, "a"), Account(2, "b"), Account(3, "staff"))
A1, A2, B1, B2, S1 = (
    Machine(
        number,
        account,
        (f"100.64.0.{number}", f"fd7a:115c:a1e0::{number}"),
        name=f"{name}-pc",
    )
    for number, account, name in (
        (1, 1, "a1"),
        (2, 1, "a2"),
        (3, 2, "b1"),
        (4, 2, "b2"),
        (5, 3, "staff"),
    )
)
MACHINES = (A1, A2, B1, B2, S1)
PARTIES = Parties(
    (Tenant("a", "가 약국"), Tenant("b", "나 약국")), (StaffGroup("support", ("staff",)),)
)


def evaluator(
    text: str, *, release: tuple[int, int] = (0, 28), machines: tuple[Machine, ...] = MACHINES
) -> Evaluator:
    """A policy over a network."""
    return Evaluator(read_policy(text, release), accounts=ACCOUNTS, machines=machines)


def rules(*parts: tuple[str, str]) -> str:
    """A policy with one rule per (source, destination with ports)."""
    entries = ", ".join(
        f'{{"action": "accept", "src": ["{source}"], "dst": ["{target}"]}}'
        for source, target in parts
    )
    return f'{{"acls": [{entries}]}}'


def fleet(count: int, *, machines_each: int = 2) -> tuple[Parties, list[Account], list[Machine]]:
    """So many pharmacies, and two people who reach them."""
    names = [f"pharm-{number:04}" for number in range(1, count + 1)]
    accounts = [Account(number, name) for number, name in enumerate(names, 1)]
    accounts += [Account(count + 1, "kim"), Account(count + 2, "lee")]
    owners = [account.id for account in accounts for _ in range(machines_each)]
    machines = [
        Machine(number, owner, (f"100.64.{number >> 8}.{number & 255}",), name=f"pc-{number}")
        for number, owner in enumerate(owners, 1)
    ]
    tenants = [Tenant(name, f"약국 {number}") for number, name in enumerate(names, 1)]
    return Parties(tenants, [StaffGroup("support", ("kim", "lee"))]), accounts, machines


def document(text: str, release: tuple[int, int] | None = (0, 29)) -> Document:
    """A policy that was read."""
    return read_policy(text, release)


def refusal_of(reading: Callable[[], object]) -> PolicyError | None:
    """The refusal of a reading, None when it went well; any other error goes on its way."""
    try:
        reading()
    except PolicyError as error:
        return error
    return None
