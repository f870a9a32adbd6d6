"""How a change begins: permission, a committed row, its audit event, and after that the bell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NoReturn

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from network import tasks
from network.headscale.arguments import CHECKS
from network.headscale.errors import InvalidArgumentError
from network.headscale.features import lacks, release_of
from network.models import HeadscaleCommand, HeadscaleServer, MachineProfile, PharmacyLink
from network.states import LANE_BONUS_S, CommandKind, CommandState, Priority
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.models import Pharmacy
from pharmacies.tenancy import tenant_transaction

_ENGINE_TEXT_LIMIT = 100


class NetworkConflictError(RuntimeError):
    """The network is not in a state in which this can be done; `code` says which."""

    def __init__(self, code: str, sentence: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.details = code, sentence, dict(details or {})


@dataclass(frozen=True, slots=True)
class Request:
    """A command about to be written."""

    kind: CommandKind
    server_id: int
    company_code: str | None
    target: Target
    arguments: Mapping[str, Any]
    columns: Mapping[str, Any] = field(default_factory=dict)
    priority: Priority = Priority.NORMAL


PERMISSIONS: dict[str, str] = {
    CommandKind.RENAME_NODE: "machines:rename",
    CommandKind.EXPIRE_NODE: "machines:expire",
    CommandKind.DELETE_NODE: "machines:delete",
    CommandKind.SET_TAGS: "machines:tag",
    CommandKind.APPROVE_ROUTES: "machines:routes",
    CommandKind.MOVE_NODE: "machines:move",
    CommandKind.REGISTER_NODE: "machines:register",
    CommandKind.APPROVE_AUTH: "machines:register",
    CommandKind.REJECT_AUTH: "machines:register",
    CommandKind.BACKFILL_IPS: "servers:write",
    CommandKind.CREATE_USER: "keys:create",
    CommandKind.RENAME_USER: "users:write",
    CommandKind.DESTROY_USER: "users:write",
    CommandKind.CREATE_PREAUTH_KEY: "keys:create",
    CommandKind.EXPIRE_PREAUTH_KEY: "keys:expire",
    CommandKind.DELETE_PREAUTH_KEY: "keys:expire",
    CommandKind.CREATE_API_KEY: "apikeys:write",
    CommandKind.EXPIRE_API_KEY: "apikeys:write",
    CommandKind.DELETE_API_KEY: "apikeys:write",
    CommandKind.SET_POLICY: "policy:write",
    CommandKind.CHECK_POLICY: "policy:write",
    CommandKind.ADOPT_POLICY: "policy:write",
    CommandKind.CROSS_CHECK: "servers:check",
}


def listed_machine(machine_id: int) -> MachineProfile:
    return MachineProfile.objects.get(pk=machine_id, gone_at=None)


def refuse(name: str, sentence: str, code: str) -> NoReturn:
    raise ValidationError({name: ValidationError(sentence, code=code)})


def check_value(name: str, check: str, value: object, refusal: tuple[str, str]) -> str:
    """Return a value as the engine takes it; `refusal` is the sentence and code of a wrong one."""
    try:
        return CHECKS[check](value)
    except InvalidArgumentError:
        refuse(name, *refusal)


def refuse_missing(server: HeadscaleServer, feature: str) -> None:
    """Refuse what the release of a server cannot do, before anything is written."""
    missing = lacks(release_of(server.series), feature)
    if missing is not None:
        details = {"feature": missing.name, "release": server.series}
        raise NetworkConflictError("engine_lacks", _(missing.sentence), details)


def refuse_stale_base(base: Iterable[str], now: Iterable[str]) -> None:
    """Refuse a set that was based on another one than we know: somebody was faster."""
    if set(base) != set(now):
        sentence = _("그사이에 다른 사람이 바꾸었습니다. 지금 값을 확인하고 다시 하십시오.")
        details = {"base": sorted(set(base)), "now": sorted(set(now))}
        raise NetworkConflictError("base_changed", sentence, details)


def about(
    machine: MachineProfile,
    kind: CommandKind,
    *,
    priority: Priority = Priority.NORMAL,
    **arguments: object,
) -> Request:
    """Prepare a change of one machine; arguments that are None are left out."""
    given = {name: value for name, value in arguments.items() if value is not None}
    return Request(
        kind=kind,
        server_id=machine.server_id,
        company_code=machine.company_code,
        target=Target("machine", str(machine.pk), machine.name),
        arguments={"node_id": machine.node_id, **given},
        columns={
            "machine": machine,
            "pharmacy_id": machine.pharmacy_id,
            "fingerprint": machine.machine_key,
        },
        priority=priority,
    )


def of_server(
    server: HeadscaleServer, kind: CommandKind, target: Target, **arguments: object
) -> Request:
    """Prepare a change that concerns the platform alone: no company may see it."""
    return Request(kind, server.pk, None, target, arguments)


def for_pharmacy(
    pharmacy: Pharmacy, server: HeadscaleServer, kind: CommandKind, arguments: Mapping[str, Any]
) -> Request:
    """Prepare a change in the name of a pharmacy."""
    return Request(
        kind=kind,
        server_id=server.pk,
        company_code=pharmacy.company_id,
        target=Target("pharmacy", str(pharmacy.pk), pharmacy.pharmacy_name),
        arguments=arguments,
        columns={"pharmacy": pharmacy},
    )


def request_change(actor: Actor, at: datetime, request: Request) -> HeadscaleCommand:
    """Write a command in a transaction of its own."""
    with tenant_transaction(durable=True):
        return write(actor, at, request)


def write(actor: Actor, at: datetime, request: Request, public_key: str = "") -> HeadscaleCommand:
    """Write the row and its audit event; the bell rings after the commit."""
    command = HeadscaleCommand.objects.create(
        kind=request.kind,
        server_id=request.server_id,
        company_code=request.company_code,
        target_label=request.target.label,
        arguments=dict(request.arguments),
        requested_by=actor.label,
        requested_at=at,
        priority=request.priority,
        due_at=at - timedelta(seconds=LANE_BONUS_S[request.priority]),
        public_key=public_key,
        **request.columns,
    )
    record(
        actor=actor,
        action=f"command.{request.kind.lower()}",
        target=request.target,
        at=at,
        company_code=request.company_code,
        details={"command_id": command.pk, **request.arguments},
    )
    transaction.on_commit(partial(tasks.ring, command.pk))
    return command


def ensure_user(
    actor: Actor, at: datetime, pharmacy: Pharmacy, server: HeadscaleServer
) -> HeadscaleCommand | None:
    """Ask, in a running transaction, for a user that is neither there nor on its way."""
    on_its_way = HeadscaleCommand.objects.filter(
        pharmacy=pharmacy, server=server, kind=CommandKind.CREATE_USER
    ).exclude(state__in=(CommandState.FAILED, CommandState.CANCELLED, CommandState.NEEDS_HUMAN))
    linked = PharmacyLink.objects.filter(pharmacy=pharmacy, server=server)
    if linked.exists() or on_its_way.exists():
        return None
    shown = "".join(letter for letter in pharmacy.pharmacy_name if letter.isprintable())
    arguments = {
        "user_name": f"p{pharmacy.pk:04d}",
        "display_name": shown[:_ENGINE_TEXT_LIMIT],
    }
    return write(actor, at, for_pharmacy(pharmacy, server, CommandKind.CREATE_USER, arguments))
