"""Changes of an engine's users."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from network.headscale.client import HeadscaleClient
from network.kinds.steps import Found, Kind, Outcome, TargetChangedError, pharmacy_number
from network.linking import store_link
from network.models import HeadscaleCommand, PharmacyLink
from network.states import CommandKind
from pharmacies.access.actor import system_actor


def _look_at_users(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    pharmacy_number(command)
    names = {user.name for user in client.users()}
    if command.arguments["user_name"] in names:
        raise TargetChangedError(
            _("엔진에 같은 이름의 사용자가 이미 있습니다: %(name)s")
            % {"name": command.arguments["user_name"]},
            "user_exists",
        )
    return {"absent": True}


def _create_user(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    user = client.create_user(
        command.arguments["user_name"], display_name=command.arguments["display_name"]
    )
    return Outcome({"user_id": user.id, "user_name": user.name})


def _settle_user(client: HeadscaleClient, command: HeadscaleCommand, _at: datetime) -> Found:
    if not command.before:
        return Found.ABSENT
    for user in client.users():
        if user.name == command.arguments["user_name"]:
            command.result = {"user_id": user.id, "user_name": user.name}
            return Found.HAPPENED
    return Found.ABSENT


def _record_user(command: HeadscaleCommand, at: datetime) -> None:
    """Link the user, unless the pharmacy was deleted or either was linked by hand meanwhile."""
    name, user_id = command.result["user_name"], command.result["user_id"]
    command.refresh_from_db(fields=["pharmacy"])
    pharmacy = command.pharmacy
    links = PharmacyLink.objects.filter(server_id=command.server_id)
    taken = Q(pharmacy=pharmacy) | Q(headscale_user_id=user_id)
    if pharmacy is None or links.filter(taken).exists():
        return
    store_link(
        actor=system_actor("worker"),
        at=at,
        pharmacy=pharmacy,
        server=command.server,
        headscale_user=(user_id, name),
    )


USER_KINDS: dict[str, Kind] = {
    CommandKind.CREATE_USER: Kind(False, _look_at_users, _create_user, _settle_user, _record_user),
}
