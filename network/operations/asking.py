"""How a change begins: permission, a committed row, its audit event, and after that the bell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from network import tasks
from network.headscale.arguments import CHECKS
from network.headscale.errors import InvalidArgumentError
from network.models import HeadscaleCommand, HeadscaleServer, MachineProfile, PharmacyLink
from network.states import CommandKind, CommandState
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


PERMISSIONS: dict[str, str] = {
    CommandKind.RENAME_NODE: "machines:rename",
    CommandKind.EXPIRE_NODE: "machines:expire",
    CommandKind.DELETE_NODE: "machines:delete",
    CommandKind.CREATE_USER: "keys:create",
    CommandKind.CREATE_PREAUTH_KEY: "keys:create",
}


def listed_machine(machine_id: int) -> MachineProfile:
    return MachineProfile.objects.get(pk=machine_id, gone_at=None)


def refuse(name: str, sentence: str, code: str) -> None:
    raise ValidationError({name: ValidationError(sentence, code=code)})


def check_value(name: str, check: str, value: object, refusal: tuple[str, str]) -> None:
    try:
        CHECKS[check](value)
    except InvalidArgumentError:
        refuse(name, *refusal)


def about(machine: MachineProfile, kind: CommandKind, **arguments: object) -> Request:
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
    )


def for_pharmacy(
    pharmacy: Pharmacy, server: HeadscaleServer, kind: CommandKind, arguments: Mapping[str, Any]
) -> Request:
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
