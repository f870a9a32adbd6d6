"""Who is in the network: accounts and machines of the engine, pharmacies and staff of ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from network.headscale.types import Node, User


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the engine. `id` is the engine's number; an imagined one has a negative number.

    The engine finds an account by its provider's identifier first, then by name or e-mail.
    """

    id: int
    name: str
    email: str = ""
    provider_id: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine of the engine.

    `account_id` is 0 where it belongs to its tags. `routes` are CIDRs that it announces and that
    are approved, the way to everywhere (`0.0.0.0/0`, `::/0`) included. `pharmacy` names the account
    of the pharmacy that the machine is linked to, where that is not said by its account. An
    imagined machine stands for one that may join tomorrow: it has no address yet, so every range of
    addresses may hold it.
    """

    id: int
    account_id: int
    addresses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    name: str = ""
    pharmacy: str = ""
    is_imagined: bool = False


@dataclass(frozen=True, slots=True)
class Tenant:
    """A pharmacy as a policy sees it: its one account, and the name that people read."""

    user: str
    label: str = ""

    @property
    def shown(self) -> str:
        """The name that people read; the account's where there is none."""
        return self.label or self.user


@dataclass(frozen=True, slots=True)
class StaffGroup:
    """People of ours who reach machines of pharmacies.

    `name` is lower-case letters, digits and hyphens. `ports` are the engine's words (`*`, `22`,
    `5900-5910`), `protocol` one of its protocols or empty. `pharmacies` are the accounts it
    reaches; None means all machines there are.
    """

    name: str
    users: tuple[str, ...]
    ports: tuple[str, ...] = ("22",)
    pharmacies: tuple[str, ...] | None = None
    protocol: str = ""


def accounts_of(users: Iterable[User]) -> tuple[Account, ...]:
    """Return the accounts that the engine lists."""
    return tuple(Account(user.id, user.name, user.email) for user in users)


def machine_of(node: Node, *, pharmacy: str = "") -> Machine:
    """Return what a policy sees of a node that the engine lists.

    From 0.28 on a tagged node has no user any more; the engine shows one that stands for all.
    """
    routes = set(node.announced_routes) & set(node.approved_routes)
    return Machine(
        node.id,
        node.user.id if node.user is not None and not node.tags else 0,
        node.addresses,
        node.tags,
        tuple(sorted(routes)),
        node.given_name or node.name,
        pharmacy,
    )


def accounts_by_name(accounts: Iterable[Account]) -> dict[str, tuple[Account, ...]]:
    """Return the accounts that each name may stand for; where there are two, it is for nobody.

    Source: hscontrol/policy/v2/types.go, resolveUser: the same in 0.26.1 to 0.29.2.
    """
    found: dict[str, list[Account]] = defaultdict(list)
    providers: dict[str, Account] = {}
    for account in accounts:
        for name in {account.name, account.email} - {""}:
            found[name].append(account)
        if account.provider_id:
            providers.setdefault(account.provider_id, account)
    return {name: tuple(ones) for name, ones in found.items()} | {
        name: (account,) for name, account in providers.items()
    }


def name_in(token: str) -> str:
    """Return the name that `name@` asks for."""
    return token.removesuffix("@")
