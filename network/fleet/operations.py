"""Where pharmacies and machines are joined: by our own links, never by names."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from network.models import HeadscaleServer, MachineProfile, PharmacyLink
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
    require(actor, "machines:assign", company_code=pharmacy.company_id)
    server = HeadscaleServer.objects.get(pk=server_id)
    user_id, user_name = headscale_user
    _refuse_second_link(pharmacy, server, user_id)
    with tenant_transaction():
        link = PharmacyLink.objects.create(
            pharmacy=pharmacy,
            server=server,
            company_code=pharmacy.company_id,
            headscale_user_id=user_id,
            headscale_user_name=user_name,
        )
        if server.slug == settings.HEADSCALE_SERVERS[0]["slug"]:
            Pharmacy.objects.filter(pk=pharmacy.pk).update(headscale_user_name=user_name)
        MachineProfile.objects.filter(
            server=server, headscale_user_id=user_id, pharmacy=None, gone_at=None
        ).update(pharmacy=pharmacy, company_code=pharmacy.company_id)
        record(
            actor=actor,
            action="pharmacy.link",
            target=Target("pharmacy", str(pharmacy.pk), pharmacy.pharmacy_name),
            at=at,
            company_code=pharmacy.company_id,
            details={"server": server.slug, "headscale_user_id": user_id},
        )
    return link


def _refuse_second_link(pharmacy: Pharmacy, server: HeadscaleServer, user_id: int) -> None:
    links = PharmacyLink.objects.filter(server=server)
    if links.filter(pharmacy=pharmacy).exists() or links.filter(headscale_user_id=user_id).exists():
        raise NetworkConflictError(
            "already_linked", _("이 약국이나 네트워크 사용자는 이미 연결되어 있습니다.")
        )


def assign_machine(
    *, actor: Actor, at: datetime, machine_id: int, pharmacy_id: int | None
) -> MachineProfile:
    """Say which pharmacy a machine stands in; None takes it out of any.

    Raises PermissionDenied, MachineProfile.DoesNotExist, Pharmacy.DoesNotExist.
    """
    machine = MachineProfile.objects.get(pk=machine_id, gone_at=None)
    require(actor, "machines:assign", company_code=machine.company_code)
    pharmacy = Pharmacy.objects.get(pk=pharmacy_id) if pharmacy_id else None
    company_code = pharmacy.company_id if pharmacy else None
    require(actor, "machines:assign", company_code=company_code)
    with tenant_transaction():
        MachineProfile.objects.filter(pk=machine.pk).update(
            pharmacy=pharmacy, company_code=company_code
        )
        record(
            actor=actor,
            action="machine.assign",
            target=Target("machine", str(machine.pk), machine.name),
            at=at,
            company_code=company_code,
            details={"pharmacy_id": pharmacy_id},
        )
    return MachineProfile.objects.get(pk=machine_id)
