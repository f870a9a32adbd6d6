"""Changes of an engine's users."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from network.headscale.client import HeadscaleClient, UnavailableError
from network.headscale.features import lacks
from network.headscale.types import User
from network.kinds.steps import Found, Kind, Outcome, TargetChangedError, pharmacy_number
from network.linking import rename_link, store_link
from network.models import HeadscaleCommand, HeadscaleUser, PharmacyLink
from network.states import CommandKind
from pharmacies.access.actor import system_actor


def _look_at_users(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    if not command.arguments.get("staff"):
        pharmacy_number(command)
    _refuse_taken(client.users(), command.arguments["user_name"])
    return {"absent": True}


def _refuse_taken(users: tuple[User, ...], name: str) -> None:
    if any(user.name == name for user in users):
        raise TargetChangedError(
            _("엔진에 같은 이름의 사용자가 이미 있습니다: %(name)s") % {"name": name},
            "user_exists",
        )


def _create_user(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    user = client.create_user(
        command.arguments["user_name"],
        display_name=command.arguments.get("display_name") or None,
        email=command.arguments.get("email") or None,
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


def _listed(client: HeadscaleClient, command: HeadscaleCommand) -> tuple[User, ...]:
    """Return all users when the one that is meant is among them."""
    users = client.users()
    if not any(user.id == command.arguments["user_id"] for user in users):
        raise TargetChangedError(
            _("엔진에 이 사용자가 없습니다. 이미 삭제되었습니다."), "user_gone"
        )
    return users


def _look_before_renaming(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    user_id, name = command.arguments["user_id"], command.arguments["user_name"]
    users = _listed(client, command)
    _refuse_taken(tuple(user for user in users if user.id != user_id), name)
    return {"name": next(user.name for user in users if user.id == user_id)}


def _rename(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    user = client.rename_user(command.arguments["user_id"], command.arguments["user_name"])
    return Outcome({"user_id": user.id, "user_name": user.name})


def _settle_rename(client: HeadscaleClient, command: HeadscaleCommand, _at: datetime) -> Found:
    wanted = (command.arguments["user_id"], command.arguments["user_name"])
    renamed = any((user.id, user.name) == wanted for user in client.users())
    return Found.HAPPENED if renamed else Found.ABSENT


def _record_name(command: HeadscaleCommand, _at: datetime) -> None:
    user_id, name = command.arguments["user_id"], command.arguments["user_name"]
    HeadscaleUser.objects.filter(server_id=command.server_id, headscale_user_id=user_id).update(
        name=name
    )
    rename_link(server=command.server, headscale_user=(user_id, name))


def _look_before_destroying(client: HeadscaleClient, command: HeadscaleCommand) -> dict[str, Any]:
    """Refuse where the release does harm, and a user whose machines would be lost with it."""
    missing = lacks(client.release(), "users.destroy")
    if missing is not None:
        raise UnavailableError(missing)
    user_id = command.arguments["user_id"]
    _listed(client, command)
    machines = sum(1 for node in client.nodes() if node.user and node.user.id == user_id)
    if machines:
        raise TargetChangedError(
            _("이 사용자에게 머신이 %(count)d대 있어 지울 수 없습니다.") % {"count": machines},
            "user_not_empty",
            {"machines": machines},
        )
    others = [key.id for key in client.preauth_keys() if key.user and key.user.id != user_id]
    return {"there": True, "keys_of_others": others}


def _destroy(client: HeadscaleClient, command: HeadscaleCommand) -> Outcome:
    """Remove the user, and make sure that nobody else's keys went with it."""
    client.destroy_user(command.arguments["user_id"])
    left = {key.id for key in client.preauth_keys()}
    lost = [key for key in command.before["keys_of_others"] if key not in left]
    return Outcome({"user_id": command.arguments["user_id"], "lost_keys": lost})


def _settle_destruction(client: HeadscaleClient, command: HeadscaleCommand, _at: datetime) -> Found:
    gone = all(user.id != command.arguments["user_id"] for user in client.users())
    return Found.HAPPENED if command.before and gone else Found.ABSENT


def _record_destruction(command: HeadscaleCommand, at: datetime) -> None:
    HeadscaleUser.objects.filter(
        server_id=command.server_id, headscale_user_id=command.arguments["user_id"]
    ).update(gone_at=at)


USER_KINDS: dict[str, Kind] = {
    CommandKind.CREATE_USER: Kind(False, _look_at_users, _create_user, _settle_user, _record_user),
    CommandKind.RENAME_USER: Kind(
        True, _look_before_renaming, _rename, _settle_rename, _record_name
    ),
    CommandKind.DESTROY_USER: Kind(
        True, _look_before_destroying, _destroy, _settle_destruction, _record_destruction
    ),
}
