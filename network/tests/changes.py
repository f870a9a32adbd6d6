"""Every kind of change as a test asks for it: on which release, on what stage, by which verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from network import operations
from network.copies import store_api_keys, store_preauth_keys, store_users
from network.models import (
    HeadscaleApiKey,
    HeadscaleCommand,
    HeadscalePreAuthKey,
    HeadscaleUser,
)
from network.sealing import make_key_pair
from network.tests.lanes import Lane
from network.tests.situations import simulated_client
from pharmacies.access.actor import Actor

WAITING_CODE = "abcdefghijklmnopqrstuvwx"
Ask = Callable[[Lane, Actor], HeadscaleCommand]


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of change: `effect` is what the journal says, without numbers that are drawn."""

    ask: Ask
    verb: str
    permission: str
    effect: dict[str, Any]
    release: str = "0.28.0"
    repeatable: bool = True
    for_company: bool = True
    prepare: tuple[Callable[[Lane], object], ...] = field(default=())


def read_lists(lane: Lane) -> None:
    """Copy users and keys of the engine, as the slow cycle does."""
    client, at = simulated_client(lane.config, lane.clock), lane.clock()
    store_users(lane.server.pk, client.users(), at)
    store_preauth_keys(lane.server.pk, client.preauth_keys(), at)
    store_api_keys(lane.server.pk, client.api_keys(), at)


def add_key(lane: Lane) -> None:
    simulated_client(lane.config, lane.clock).create_preauth_key(
        1, lifetime="24h", reusable=False, ephemeral=False, tags=()
    )
    read_lists(lane)


def add_api_key(lane: Lane) -> None:
    simulated_client(lane.config, lane.clock).create_api_key(lifetime="90d")
    read_lists(lane)


def add_user(lane: Lane) -> None:
    simulated_client(lane.config, lane.clock).create_user("spare")
    read_lists(lane)


def know_tag(lane: Lane) -> None:
    """Set a policy that knows the tag; the engine gives no other."""
    policy = '{"tagOwners": {"tag:pos": []}, "acls": []}'
    simulated_client(lane.config, lane.clock).set_policy(policy)


def add_waiting(lane: Lane) -> None:
    """Let a machine wait for its registration."""
    code = WAITING_CODE if lane.server.series < "0.29" else f"hskey-authreq-{WAITING_CODE}"
    words = ("debug", "create-node", "--name", "waiting-pc", "-u", "site-one", "-k", code)
    argv = ("headscale", "-c", str(lane.config), "-o", "json", *words)
    completed = lane.engine(argv, env={}, stdin=None, timeout_s=5)
    assert completed.exit_status == 0, completed
    read_lists(lane)


def _machine(operation: Callable[..., HeadscaleCommand], **values: Any) -> Ask:
    def ask(lane: Lane, actor: Actor) -> HeadscaleCommand:
        return operation(actor=actor, at=lane.clock(), machine_id=lane.machine(1).pk, **values)

    return ask


def _server(operation: Callable[..., HeadscaleCommand], **values: Any) -> Ask:
    def ask(lane: Lane, actor: Actor) -> HeadscaleCommand:
        return operation(actor=actor, at=lane.clock(), server_id=lane.server.pk, **values)

    return ask


def _user(operation: Callable[..., HeadscaleCommand], **values: Any) -> Ask:
    def ask(lane: Lane, actor: Actor) -> HeadscaleCommand:
        number = HeadscaleUser.objects.get(name="spare").pk
        return operation(actor=actor, at=lane.clock(), user_number=number, **values)

    return ask


def _key(
    operation: Callable[..., HeadscaleCommand],
    model: type[HeadscalePreAuthKey | HeadscaleApiKey] = HeadscalePreAuthKey,
) -> Ask:
    def ask(lane: Lane, actor: Actor) -> HeadscaleCommand:
        number = model.objects.latest("pk").pk
        return operation(actor=actor, at=lane.clock(), key_number=number)

    return ask


def _user_key(lane: Lane, actor: Actor) -> HeadscaleCommand:
    order = operations.KeyOrder(public_key=make_key_pair().public)
    return operations.create_user_key(
        actor=actor, at=lane.clock(), server_id=lane.server.pk, owner="spare", order=order
    )


CHANGES: dict[str, Change] = {
    "tag": Change(
        _machine(operations.set_tags, tags=["tag:pos"], base=[]),
        "nodes tag",
        "machines:tag",
        {"changed": "node", "id": 1, "tags": ["tag:pos"]},
        prepare=(know_tag,),
    ),
    "approve routes": Change(
        _machine(operations.approve_routes, approved=["192.168.7.0/24"], base=[]),
        "nodes approve-routes",
        "machines:routes",
        {"changed": "node", "id": 1, "approved": ["192.168.7.0/24"]},
    ),
    "move": Change(
        _machine(operations.move_node, headscale_user_id=2),
        "nodes move",
        "machines:move",
        {"moved": "node", "id": 1, "user": 2},
        release="0.27.1",
        for_company=False,
        prepare=(add_user,),
    ),
    "register": Change(
        _server(operations.register_node, headscale_user_id=1, auth_id=WAITING_CODE),
        "nodes register",
        "machines:register",
        {"registered": "node", "id": 3, "user": 1},
        repeatable=False,
        for_company=False,
        prepare=(add_waiting,),
    ),
    "backfill": Change(
        _server(operations.backfill_ips),
        "nodes backfillips",
        "servers:write",
        {},
        for_company=False,
    ),
    "cross-check": Change(
        _server(operations.cross_check),
        "",  # Only readings, which leave no argument list behind.
        "servers:check",
        {},
        for_company=False,
    ),
    "staff user": Change(
        _server(operations.create_staff_user, user_name="staff", display_name="직원"),
        "users create",
        "users:write",
        {"created": "user", "id": 2, "name": "staff"},
        repeatable=False,
        for_company=False,
    ),
    "rename user": Change(
        _user(operations.rename_user, user_name="renamed"),
        "users rename",
        "users:write",
        {"renamed": "user", "id": 2, "name": "renamed"},
        for_company=False,
        prepare=(add_user,),
    ),
    "destroy user": Change(
        _user(operations.destroy_user),
        "users destroy",
        "users:write",
        {"destroyed": "user", "id": 2},
        release="0.29.2",
        for_company=False,
        prepare=(add_user,),
    ),
    "user key": Change(
        _user_key,
        "preauthkeys create",
        "keys:create",
        {"created": "key", "id": 1, "user": 2},
        repeatable=False,
        for_company=False,
        prepare=(add_user,),
    ),
    "expire key": Change(
        _key(operations.expire_preauth_key),
        "preauthkeys expire",
        "keys:expire",
        {"expired": "key", "id": 1},
        prepare=(add_key,),
    ),
    "delete key": Change(
        _key(operations.delete_preauth_key),
        "preauthkeys delete",
        "keys:expire",
        {"deleted": "key", "id": 1},
        prepare=(add_key,),
    ),
    "create api key": Change(
        _server(operations.create_api_key, reason="시험", public_key=make_key_pair().public),
        "apikeys create",
        "apikeys:write",
        {"created": "apikey", "id": 1},
        repeatable=False,
        for_company=False,
    ),
    "expire api key": Change(
        _key(operations.expire_api_key, HeadscaleApiKey),
        "apikeys expire",
        "apikeys:write",
        {"expired": "apikey", "id": 1},
        for_company=False,
        prepare=(add_api_key,),
    ),
    "delete api key": Change(
        _key(operations.delete_api_key, HeadscaleApiKey),
        "apikeys delete",
        "apikeys:write",
        {"deleted": "apikey", "id": 1},
        for_company=False,
        prepare=(add_api_key,),
    ),
}
