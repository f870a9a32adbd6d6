"""Where pharmacies and machines are joined: by our own links, never by names."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError
from django.utils.translation import gettext as _

from network.fleet.consistency import (
    MACHINE_ELSEWHERE,
    USER_GONE,
    USER_RENAMED,
    finding,
    linked_pharmacy,
)
from network.linking import copy_name, rename_link, store_link
from network.models import HeadscaleServer, HeadscaleUser, MachineProfile, PharmacyLink
from network.operations import NetworkConflictError
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.access.permissions import require
from pharmacies.models import Pharmacy
from pharmacies.tenancy import tenant_transaction


def link_pharmacy(
    *,
    actor: Actor,
    at: datetime,
    pharmacy_id: int,
    server_id: int,
    headscale_user: tuple[int, str],
) -> PharmacyLink:
    """Say which user (id, name) of a server is a pharmacy's. This will assign its stray machines.

    Raises PermissionDenied, Pharmacy.DoesNotExist, NetworkConflictError (`already_linked`).
    """
    pharmacy = Pharmacy.objects.get(pk=pharmacy_id)
    # Users of an engine belong to the platform until they are linked.
    require(actor, "machines:assign")
    server = HeadscaleServer.objects.get(pk=server_id)
    try:
        with tenant_transaction():
            link = store_link(
                actor=actor, at=at, pharmacy=pharmacy, server=server, headscale_user=headscale_user
            )
            MachineProfile.objects.filter(
                server=server, headscale_user_id=headscale_user[0], pharmacy=None, gone_at=None
            ).update(pharmacy=pharmacy, company_code=pharmacy.company_id)
    # The database judges, so that of two who ask at a time one is refused and not in error.
    except IntegrityError as error:
        raise NetworkConflictError(
            "already_linked", _("이 약국이나 네트워크 사용자는 이미 연결되어 있습니다.")
        ) from error
    return link


def unlink_pharmacy(*, actor: Actor, at: datetime, link_id: int) -> None:
    """Part a pharmacy from its user of a server. Its machines stay where they were assigned.

    Raises PermissionDenied, PharmacyLink.DoesNotExist.
    """
    link = PharmacyLink.objects.select_related("pharmacy", "server").get(pk=link_id)
    require(actor, "machines:assign")
    with tenant_transaction():
        record(
            actor=actor,
            action="pharmacy.unlink",
            target=Target("pharmacy", str(link.pharmacy_id), link.pharmacy.pharmacy_name),
            at=at,
            company_code=link.company_code,
            details={"server": link.server.slug, "headscale_user_id": link.headscale_user_id},
        )
        copy_name(link.pharmacy, link.server, "")
        link.delete()


def assign_machine(
    *, actor: Actor, at: datetime, machine_id: int, pharmacy_id: int | None
) -> MachineProfile:
    """Say which pharmacy a machine stands in; None takes it out of any.

    Raises PermissionDenied, MachineProfile.DoesNotExist, Pharmacy.DoesNotExist; and
    NetworkConflictError (`base_changed`) when the machine went to another company meanwhile.
    """
    machine = MachineProfile.objects.get(pk=machine_id, gone_at=None)
    require(actor, "machines:assign", company_code=machine.company_code)
    pharmacy = Pharmacy.objects.get(pk=pharmacy_id) if pharmacy_id else None
    company_code = pharmacy.company_id if pharmacy else None
    require(actor, "machines:assign", company_code=company_code)
    with tenant_transaction():
        still = MachineProfile.objects.filter(
            pk=machine.pk, company_code=machine.company_code, gone_at=None
        )
        if not still.update(pharmacy=pharmacy, company_code=company_code):
            sentence = _("그사이에 다른 사람이 바꾸었습니다. 지금 값을 확인하고 다시 하십시오.")
            raise NetworkConflictError("base_changed", sentence)
        _record_assignment(actor, at, machine, pharmacy)
    return MachineProfile.objects.get(pk=machine_id)


def _record_assignment(
    actor: Actor, at: datetime, machine: MachineProfile, pharmacy: Pharmacy | None
) -> None:
    """Tell the company that gets a machine, and the one that it leaves, which is not told where."""
    code = pharmacy.company_id if pharmacy else None
    places = {machine.company_code: None, code: pharmacy.pk if pharmacy else None}
    if len(places) > 1:
        places.pop(None, None)
    for company_code, pharmacy_id in places.items():
        record(
            actor=actor,
            action="machine.assign",
            target=Target("machine", str(machine.pk), machine.name),
            at=at,
            company_code=company_code,
            details={"pharmacy_id": pharmacy_id},
        )


def repair_link(*, actor: Actor, at: datetime, code: str, number: int) -> None:
    """Mend one broken link (see `network.fleet.consistency`) as its finding says.

    Raises PermissionDenied, NetworkConflictError (`link_holds` when it is whole by now).
    """
    require(actor, "machines:assign")
    found = finding(code, number)
    if found is None:
        sentence = _("이미 바로잡혔거나 없는 항목입니다.")
        raise NetworkConflictError("link_holds", sentence)
    if code == USER_GONE:
        unlink_pharmacy(actor=actor, at=at, link_id=number)
    elif code == USER_RENAMED:
        _follow_name(actor, at, number)
    else:
        machine = MachineProfile.objects.annotate(linked=linked_pharmacy()).get(pk=number)
        place = machine.linked if code == MACHINE_ELSEWHERE else machine.pharmacy_id
        assign_machine(actor=actor, at=at, machine_id=number, pharmacy_id=place)


def _follow_name(actor: Actor, at: datetime, link_id: int) -> None:
    link = PharmacyLink.objects.select_related("pharmacy", "server").get(pk=link_id)
    user = HeadscaleUser.objects.get(
        server=link.server, headscale_user_id=link.headscale_user_id, gone_at=None
    )
    with tenant_transaction():
        rename_link(server=link.server, headscale_user=(user.headscale_user_id, user.name))
        record(
            actor=actor,
            action="pharmacy.follow_name",
            target=Target("pharmacy", str(link.pharmacy_id), link.pharmacy.pharmacy_name),
            at=at,
            company_code=link.company_code,
            details={"before": link.headscale_user_name, "after": user.name},
        )
