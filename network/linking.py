"""Stores which user of a server is a pharmacy's: the row, the readable copy, the record."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from network.models import HeadscaleServer, PharmacyLink
from pharmacies.access.actor import Actor
from pharmacies.access.audit import Target, record
from pharmacies.models import Pharmacy


def store_link(
    *,
    actor: Actor,
    at: datetime,
    pharmacy: Pharmacy,
    server: HeadscaleServer,
    headscale_user: tuple[int, str],
) -> PharmacyLink:
    """Link a pharmacy to a user (id, name), within the caller's transaction."""
    user_id, user_name = headscale_user
    link = PharmacyLink.objects.create(
        pharmacy=pharmacy,
        server=server,
        company_code=pharmacy.company_id,
        headscale_user_id=user_id,
        headscale_user_name=user_name,
    )
    copy_name(pharmacy, server, user_name)
    record(
        actor=actor,
        action="pharmacy.link",
        target=Target("pharmacy", str(pharmacy.pk), pharmacy.pharmacy_name),
        at=at,
        company_code=pharmacy.company_id,
        details={"server": server.slug, "headscale_user_id": user_id},
    )
    return link


def rename_link(*, server: HeadscaleServer, headscale_user: tuple[int, str]) -> None:
    """Follow a user (id, name) whose name has changed, within the caller's transaction."""
    user_id, user_name = headscale_user
    links = PharmacyLink.objects.filter(server=server, headscale_user_id=user_id)
    links.update(headscale_user_name=user_name)
    for link in links.select_related("pharmacy"):
        copy_name(link.pharmacy, server, user_name)


def copy_name(pharmacy: Pharmacy, server: HeadscaleServer, user_name: str) -> None:
    """Keep `headscale_user_name` the copy of the default server's link."""
    if server.slug == settings.HEADSCALE_SERVERS[0]["slug"]:
        Pharmacy.objects.filter(pk=pharmacy.pk).update(headscale_user_name=user_name[:50])
