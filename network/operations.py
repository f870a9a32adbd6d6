"""The write door of the network: each change of the engine begins here as a committed row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from network import tasks
from network.headscale.arguments import CHECKS
from network.headscale.errors import InvalidArgumentError
from network.models import HeadscaleCommand, HeadscaleServer, MachineProfile, PharmacyLink
from network.sealing import WrongTokenError, unseal
from network.states import WAITING, CommandKind, CommandState
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.access.permissions import require
from pharmacies.models import Pharmacy
from pharmacies.tenancy import platform_context, tenant_transaction

MOST_KEY_LIFE = timedelta(days=90)
_LIFE_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}
_NUMBERED = re.compile(r"(.*?)-?([0-9]*)")
_NAME_LIMIT = 63
_ENGINE_TEXT_LIMIT = 100


class NetworkConflictError(RuntimeError):
    """The network is not in a state in which this can be done; `code` says which."""

    def __init__(self, code: str, sentence: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.details = code, sentence, dict(details or {})


@dataclass(frozen=True, slots=True)
class KeyOrder:
    """What a pre-auth key shall be: `lifetime` like `24h`; `public_key` seals the answer."""

    public_key: str
    lifetime: str = "24h"
    reusable: bool = False
    reason: str = ""
    ephemeral: bool = False
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Request:
    """A command about to be written."""

    kind: CommandKind
    server_id: int
    company_code: str | None
    target: Target
    arguments: Mapping[str, Any]
    columns: Mapping[str, Any] = field(default_factory=dict)


def rename_node(*, actor: Actor, at: datetime, machine_id: int, new_name: str) -> HeadscaleCommand:
    """Ask for another name of a machine. This will commit a command and ring for it.

    Raises PermissionDenied, ValidationError (`machine_name_invalid`), MachineProfile.DoesNotExist,
    NetworkConflictError (`machine_name_taken`, with a free name in the sentence).
    """
    machine = _listed_machine(machine_id)
    require(actor, "machines:rename", company_code=machine.company_code)
    name_rule = _("머신 이름은 영문 소문자, 숫자, 하이픈으로 2~63자입니다. 예: p0001-counter1")
    _check_value("new_name", "new_name", new_name, (name_rule, "machine_name_invalid"))
    _refuse_taken_name(actor, machine, new_name)
    return _request(actor, at, _about(machine, CommandKind.RENAME_NODE, new_name=new_name))


def expire_node(
    *,
    actor: Actor,
    at: datetime,
    machine_id: int,
    ends_at: datetime | None = None,
    never: bool = False,
) -> HeadscaleCommand:
    """Ask to end a machine's login: now, at an aware time, or never. This will commit a command.

    Raises PermissionDenied, ValidationError (both given, or a time without zone),
    MachineProfile.DoesNotExist.
    """
    machine = _listed_machine(machine_id)
    require(actor, "machines:expire", company_code=machine.company_code)
    if never and ends_at is not None:
        _refuse("at", _("만료 시각과 ‘만료 없음’ 가운데 하나만 고르십시오."), "expiry_ambiguous")
    if ends_at is not None and ends_at.tzinfo is None:
        _refuse(
            "at", _("시각에 시간대를 함께 적어 주십시오. 예: 2027-01-01T09:00:00+09:00"), "invalid"
        )
    if ends_at is not None:
        year_rule = _("만료 시각의 연도는 1970년부터 9998년까지입니다.")
        _check_value("at", "at", ends_at, (year_rule, "invalid"))
    values = {"at": ends_at.isoformat() if ends_at else None, "never": never or None}
    return _request(actor, at, _about(machine, CommandKind.EXPIRE_NODE, **values))


def delete_node(*, actor: Actor, at: datetime, machine_id: int) -> HeadscaleCommand:
    """Ask to delete a machine from the engine; its history stays. This will commit a command.

    Raises PermissionDenied, MachineProfile.DoesNotExist.
    """
    machine = _listed_machine(machine_id)
    require(actor, "machines:delete", company_code=machine.company_code)
    return _request(actor, at, _about(machine, CommandKind.DELETE_NODE))


def create_preauth_key(
    *, actor: Actor, at: datetime, pharmacy_id: int, server_id: int, order: KeyOrder
) -> HeadscaleCommand:
    """Ask for a key with which machines of a pharmacy join. This will commit a command.

    A pharmacy without a user on the server gets one first, by a command of its own in the same
    lane. Raises PermissionDenied, ValidationError (`reason_required` and others),
    Pharmacy.DoesNotExist, HeadscaleServer.DoesNotExist.
    """
    pharmacy = Pharmacy.objects.get(pk=pharmacy_id)
    require(actor, "keys:create", company_code=pharmacy.company_id)
    server = HeadscaleServer.objects.get(pk=server_id)
    _check_order(order)
    arguments = {
        "lifetime": order.lifetime,
        "reusable": order.reusable,
        "reason": order.reason,
        "ephemeral": order.ephemeral,
        "tags": list(order.tags),
    }
    with tenant_transaction(durable=True):
        _ensure_user(actor, at, pharmacy, server)
        request = _for_pharmacy(pharmacy, server, CommandKind.CREATE_PREAUTH_KEY, arguments)
        return _write(actor, at, request, public_key=order.public_key)


def create_user(
    *, actor: Actor, at: datetime, pharmacy_id: int, server_id: int
) -> HeadscaleCommand | None:
    """Ask for the pharmacy's user on a server; None when it has one or one is on its way.

    Raises PermissionDenied, Pharmacy.DoesNotExist, HeadscaleServer.DoesNotExist.
    """
    pharmacy = Pharmacy.objects.get(pk=pharmacy_id)
    require(actor, "keys:create", company_code=pharmacy.company_id)
    server = HeadscaleServer.objects.get(pk=server_id)
    with tenant_transaction(durable=True):
        return _ensure_user(actor, at, pharmacy, server)


def cancel_command(*, actor: Actor, at: datetime, command_id: int) -> HeadscaleCommand:
    """Take back a change that has not begun.

    Raises PermissionDenied, HeadscaleCommand.DoesNotExist, NetworkConflictError
    (`command_not_waiting`).
    """
    command = HeadscaleCommand.objects.get(pk=command_id)
    require(actor, _PERMISSIONS[command.kind], company_code=command.company_code)
    with tenant_transaction(durable=True):
        cancelled = HeadscaleCommand.objects.filter(pk=command_id, state__in=WAITING).update(
            state=CommandState.CANCELLED, finished_at=at
        )
        if not cancelled:
            sentence = _("이미 시작했거나 끝난 변경은 취소할 수 없습니다.")
            raise NetworkConflictError("command_not_waiting", sentence)
        target = Target("command", str(command_id), command.target_label)
        record(
            actor=actor,
            action="command.cancel",
            target=target,
            at=at,
            company_code=command.company_code,
        )
    return HeadscaleCommand.objects.get(pk=command_id)


def accept_list(*, actor: Actor, at: datetime, server_id: int) -> None:
    """Record that a person takes the next list of a server as it is, whatever the guard says.

    Raises PermissionDenied, HeadscaleServer.DoesNotExist.
    """
    server = HeadscaleServer.objects.get(pk=server_id)
    require(actor, "servers:write")
    with tenant_transaction():
        target = Target("server", str(server.pk), server.name)
        record(actor=actor, action="list.accept", target=target, at=at)


def take_secret(*, actor: Actor, at: datetime, command_id: int, token: str) -> str:
    """Return the secret that a command made, once. This will delete it.

    Raises PermissionDenied, HeadscaleCommand.DoesNotExist, NetworkConflictError
    (`secret_shown_once`, `secret_not_ready`, `wrong_token`).
    """
    command = HeadscaleCommand.objects.get(pk=command_id)
    require(actor, _PERMISSIONS[command.kind], company_code=command.company_code)
    if not command.sealed_secret:
        raise _no_secret(command)
    try:
        secret = unseal(command.sealed_secret, token)
    except WrongTokenError as error:
        sentence = _("꺼내기 토큰이 맞지 않습니다.")
        raise NetworkConflictError("wrong_token", sentence) from error
    with tenant_transaction(durable=True):
        taken = HeadscaleCommand.objects.filter(
            pk=command_id, sealed_secret=command.sealed_secret
        ).update(sealed_secret="")
        if not taken:
            raise _no_secret(command)
        target = Target("command", str(command_id), command.target_label)
        record(
            actor=actor,
            action="secret.read",
            target=target,
            at=at,
            company_code=command.company_code,
        )
    return secret


_PERMISSIONS: dict[str, str] = {
    CommandKind.RENAME_NODE: "machines:rename",
    CommandKind.EXPIRE_NODE: "machines:expire",
    CommandKind.DELETE_NODE: "machines:delete",
    CommandKind.CREATE_USER: "keys:create",
    CommandKind.CREATE_PREAUTH_KEY: "keys:create",
}


def _listed_machine(machine_id: int) -> MachineProfile:
    return MachineProfile.objects.get(pk=machine_id, gone_at=None)


def _refuse(name: str, sentence: str, code: str) -> None:
    raise ValidationError({name: ValidationError(sentence, code=code)})


def _check_value(name: str, check: str, value: object, refusal: tuple[str, str]) -> None:
    try:
        CHECKS[check](value)
    except InvalidArgumentError:
        _refuse(name, *refusal)


def _refuse_taken_name(actor: Actor, machine: MachineProfile, new_name: str) -> None:
    """Refuse a name that any machine of the server has; say whose only to whom may see it."""
    with platform_context():
        others = MachineProfile.objects.filter(server_id=machine.server_id, gone_at=None)
        holders = others.filter(name=new_name).exclude(pk=machine.pk)
        other = holders.select_related("pharmacy").first()
        numbered = others.filter(name__startswith=_numbered(new_name)[0])
        taken = set(numbered.values_list("name", flat=True)) if other else set()
    if other is None:
        return
    place = (
        f" ({other.pharmacy})" if other.pharmacy and actor.tenant.allows(other.company_code) else ""
    )
    free = free_name(new_name, taken)
    sentence = _("이미 쓰고 있는 이름입니다: %(name)s%(place)s. 예: %(free)s") % {
        "name": new_name,
        "place": place,
        "free": free,
    }
    raise NetworkConflictError("machine_name_taken", sentence, {"suggestion": free})


def free_name(name: str, taken: set[str]) -> str:
    """Return the name with the next number that nobody has: counter-1 → counter-2."""
    stem, number = _numbered(name)
    while True:
        number += 1
        candidate = f"{stem}-{number}"
        if candidate not in taken:
            return candidate


def _numbered(name: str) -> tuple[str, int]:
    """Part a name into a stem, short enough for any number, and its number (1 without one)."""
    matched = _NUMBERED.fullmatch(name)
    assert matched is not None
    stem, digits = (matched[1], matched[2][:6]) if matched[1] else (name, "")
    return stem[: _NAME_LIMIT - 8], int(digits or 1)


def _check_order(order: KeyOrder) -> None:
    if order.reusable and not order.reason.strip():
        _refuse("reason", _("여러 번 쓰는 키에는 이유를 적어 주십시오."), "reason_required")
    life_rule = _("유효 기간은 30m, 24h, 90d처럼 적고 90일까지입니다.")
    _check_value("expires_in", "lifetime", order.lifetime, (life_rule, "invalid"))
    seconds = int(order.lifetime[:-1]) * _LIFE_SECONDS[order.lifetime[-1]]
    if seconds > MOST_KEY_LIFE.total_seconds():
        _refuse("expires_in", life_rule, "invalid")
    for tag in order.tags:
        tag_rule = _("태그는 tag:pharmacy처럼 적습니다.")
        _check_value("tags", "tags", tag, (tag_rule, "invalid"))


def _ensure_user(
    actor: Actor, at: datetime, pharmacy: Pharmacy, server: HeadscaleServer
) -> HeadscaleCommand | None:
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
    return _write(actor, at, _for_pharmacy(pharmacy, server, CommandKind.CREATE_USER, arguments))


def _about(machine: MachineProfile, kind: CommandKind, **arguments: object) -> _Request:
    given = {name: value for name, value in arguments.items() if value is not None}
    return _Request(
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


def _for_pharmacy(
    pharmacy: Pharmacy, server: HeadscaleServer, kind: CommandKind, arguments: Mapping[str, Any]
) -> _Request:
    return _Request(
        kind=kind,
        server_id=server.pk,
        company_code=pharmacy.company_id,
        target=Target("pharmacy", str(pharmacy.pk), pharmacy.pharmacy_name),
        arguments=arguments,
        columns={"pharmacy": pharmacy},
    )


def _request(actor: Actor, at: datetime, request: _Request) -> HeadscaleCommand:
    with tenant_transaction(durable=True):
        return _write(actor, at, request)


def _write(actor: Actor, at: datetime, request: _Request, public_key: str = "") -> HeadscaleCommand:
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


def _no_secret(command: HeadscaleCommand) -> NetworkConflictError:
    if command.state in (*WAITING, CommandState.RUNNING, CommandState.UNKNOWN):
        sentence = _("아직 만들고 있습니다. 잠시 뒤에 다시 확인해 주십시오.")
        return NetworkConflictError("secret_not_ready", sentence)
    sentence = _("비밀은 한 번만 보여 줍니다. 이미 꺼냈거나 10분이 지났습니다.")
    return NetworkConflictError("secret_shown_once", sentence)
