"""The changes that the page of an engine's user offers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from network import operations
from network.admin.buttons import Button, delete_question, lacking
from network.admin.engine_forms import NewKeyForm, UserNameForm
from network.models import HeadscaleCommand, HeadscaleUser
from pharmacies.access.actor import Actor


def new_key(user: HeadscaleUser, url: str) -> Button:
    """Offer a key with which machines join as this user."""
    return Button(
        action="key",
        verb=_("가입 키 만들기"),
        title=_("%(name)s의 가입 키 만들기") % {"name": user.name},
        consequence=_("이 키를 가진 머신은 이 사용자로 들어옵니다. 키는 한 번만 보입니다."),
        done=_("가입 키를 만들었습니다."),
        form=NewKeyForm,
        ask=lambda actor, at, values: _ordered(actor, at, user, values),
        has_page=True,
        makes_secret=True,
        url=url,
    )


def _ordered(
    actor: Actor, at: datetime, user: HeadscaleUser, values: dict[str, Any]
) -> HeadscaleCommand:
    return operations.create_user_key(
        actor=actor,
        at=at,
        server_id=user.server_id,
        owner=user.headscale_user_id,
        order=operations.KeyOrder(**values),
    )


def rename(user: HeadscaleUser, url: str) -> Button:
    """Offer another name; a pharmacy's link follows."""
    return Button(
        action="rename",
        verb=_("이름 바꾸기"),
        title=_("%(name)s의 이름 바꾸기") % {"name": user.name},
        consequence=_("정책이 이 이름을 쓰고 있으면 정책도 함께 고쳐야 합니다."),
        done=_("이름을 바꾸었습니다."),
        form=UserNameForm,
        initial={"user_name": user.name},
        ask=lambda actor, at, values: operations.rename_user(
            actor=actor, at=at, user_number=user.pk, user_name=values["user_name"]
        ),
        url=url,
    )


def destroy(user: HeadscaleUser, url: str) -> Button:
    """Offer the removal, or say why this release must not be asked for it."""
    return Button(
        action="remove",
        verb=_("삭제"),
        title=_("%(name)s 삭제") % {"name": user.name},
        question=delete_question(_("네트워크 사용자"), user.name),
        consequence=_("이 사용자의 가입 키도 함께 사라집니다. 머신이 있으면 지울 수 없습니다."),
        done=_("삭제했습니다."),
        ask=lambda actor, at, _values: operations.destroy_user(
            actor=actor, at=at, user_number=user.pk
        ),
        danger=True,
        leaves=True,
        unavailable=lacking(user.server, "users.destroy"),
        url=url,
    )
