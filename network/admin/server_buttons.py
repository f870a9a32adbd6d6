"""The changes that a server's page offers: its held list, its addresses, and who may come in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from network import operations, queries
from network.admin.buttons import Button, lacking
from network.admin.engine_forms import (
    NewApiKeyForm,
    NewUserForm,
    RequestForm,
    WaitingMachineForm,
)
from network.models import HeadscaleCommand, HeadscaleServer
from pharmacies.access.actor import Actor

ACTIONS = frozenset(
    {"check", "accept", "dismiss", "backfill", "user", "api-key", "register", "approve", "reject"}
)
UrlOf = Callable[[str], str]


def buttons(actor: Actor, server: HeadscaleServer, url_of: UrlOf) -> list[Button]:
    """Return the changes of a server that a person may ask for, harmless first."""
    offered = [
        ("servers:check", _check(server, url_of("check"))),
        ("users:write", _new_user(server, url_of("user"))),
        ("machines:register", _register(server, url_of("register"))),
        ("machines:register", _answer(server, url_of("approve"), True)),
        ("machines:register", _answer(server, url_of("reject"), False)),
        ("apikeys:write", _new_api_key(server, url_of("api-key"))),
        ("servers:write", _backfill(server, url_of("backfill"))),
    ]
    if server.held_since_at is not None:
        offered = [
            ("servers:write", _dismiss(server, url_of("dismiss"))),
            ("servers:write", _accept(server, url_of("accept"))),
            *offered,
        ]
    return [button for permission, button in offered if actor.may(permission)]


def _check(server: HeadscaleServer, url: str) -> Button:
    return Button(
        action="check",
        verb=_("대조 점검"),
        title=_("우리 그림을 엔진과 대조"),
        consequence=_("엔진의 목록을 새로 읽어 다른 점만 보여 줍니다. 아무것도 바꾸지 않습니다."),
        done=_("대조했습니다."),
        ask=lambda actor, at, _values: operations.cross_check(
            actor=actor, at=at, server_id=server.pk
        ),
        url=url,
    )


def _accept(server: HeadscaleServer, url: str) -> Button:
    return Button(
        action="accept",
        verb=_("목록 받아들이기"),
        title=_("보류된 목록 받아들이기"),
        consequence=_("다음 목록을 그대로 반영합니다. 사라진 머신은 사라진 것으로 적힙니다."),
        done=_("다음 목록을 그대로 반영합니다."),
        ask=lambda actor, at, _values: operations.accept_list(
            actor=actor, at=at, server_id=server.pk
        ),
        danger=True,
        url=url,
    )


def _dismiss(server: HeadscaleServer, url: str) -> Button:
    return Button(
        action="dismiss",
        verb=_("목록 물리치기"),
        title=_("보류된 목록 물리치기"),
        consequence=_("목록이 다시 정상으로 보일 때까지 지금 그림을 그대로 둡니다."),
        done=_("지금 그림을 그대로 둡니다."),
        ask=lambda actor, at, _values: operations.dismiss_list(
            actor=actor, at=at, server_id=server.pk
        ),
        url=url,
    )


def _backfill(server: HeadscaleServer, url: str) -> Button:
    return Button(
        action="backfill",
        verb=_("빠진 주소 채우기"),
        title=_("빠진 주소 채우기"),
        consequence=_("주소가 없는 머신에 주소를 줍니다. 있는 주소는 바뀌지 않습니다."),
        done=_("빠진 주소를 채웠습니다."),
        ask=lambda actor, at, _values: operations.backfill_ips(
            actor=actor, at=at, server_id=server.pk
        ),
        unavailable=lacking(server, "nodes.backfillips"),
        url=url,
    )


def _new_user(server: HeadscaleServer, url: str) -> Button:
    return Button(
        action="user",
        verb=_("사용자 만들기"),
        title=_("네트워크 사용자 만들기"),
        consequence=_(
            "약국의 사용자는 저절로 만들어집니다. 직원처럼 약국이 아닌 사용자만 만드십시오."
        ),
        done=_("사용자를 만들었습니다."),
        form=NewUserForm,
        ask=lambda actor, at, values: operations.create_staff_user(
            actor=actor, at=at, server_id=server.pk, **values
        ),
        has_page=True,
        url=url,
    )


def _new_api_key(server: HeadscaleServer, url: str) -> Button:
    return Button(
        action="api-key",
        verb=_("엔진 API 키 만들기"),
        title=_("엔진 API 키 만들기"),
        consequence=_(
            "이 키를 가진 프로그램은 엔진에서 무엇이든 할 수 있습니다. 한 번만 보입니다."
        ),
        done=_("엔진 API 키를 만들었습니다."),
        form=NewApiKeyForm,
        ask=lambda actor, at, values: operations.create_api_key(
            actor=actor, at=at, server_id=server.pk, **values
        ),
        danger=True,
        has_page=True,
        makes_secret=True,
        url=url,
    )


def _register(server: HeadscaleServer, url: str) -> Button:
    return Button(
        action="register",
        verb=_("머신 등록"),
        title=_("기다리는 머신 등록"),
        consequence=_("그 머신은 고른 사용자의 것이 되어 바로 네트워크에 들어옵니다."),
        done=_("머신을 등록했습니다."),
        form=WaitingMachineForm,
        ask=lambda actor, at, values: _registered(actor, at, server, values),
        has_page=True,
        url=url,
    )


def _registered(
    actor: Actor, at: datetime, server: HeadscaleServer, values: dict[str, Any]
) -> HeadscaleCommand:
    """Let a machine in under a user by name; raises HeadscaleUser.DoesNotExist."""
    user = queries.headscale_users().get(server=server, name=values["user_name"])
    return operations.register_node(
        actor=actor,
        at=at,
        server_id=server.pk,
        headscale_user_id=user.headscale_user_id,
        auth_id=values["auth_id"],
    )


def _answer(server: HeadscaleServer, url: str, approve: bool) -> Button:
    return Button(
        action="approve" if approve else "reject",
        verb=_("인증 승인") if approve else _("인증 거절"),
        title=_("기다리는 인증 승인") if approve else _("기다리는 인증 거절"),
        consequence=_(
            "이미 들어온 기기의 확인 요청만 이어집니다. 새 머신은 이것으로 들어오지 않으니 ‘머신 "
            "등록’을 쓰십시오."
        )
        if approve
        else _(
            "기다리던 기기는 새 번호를 받습니다. 새 머신이라면 거절한 번호로도 아직 등록될 수 "
            "있습니다."
        ),
        done=_("승인했습니다.") if approve else _("거절했습니다."),
        form=RequestForm,
        ask=lambda actor, at, values: operations.answer_auth(
            actor=actor, at=at, server_id=server.pk, auth_id=values["auth_id"], approve=approve
        ),
        danger=not approve,
        has_page=True,
        unavailable=lacking(server, "auth"),
        url=url,
    )
