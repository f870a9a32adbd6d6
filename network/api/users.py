"""Doors of the API to the users of an engine."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from network import operations, queries
from network.api.changes import Asking, Change, carry_out
from network.api.engine_serializers import (
    HeadscaleUserSerializer,
    NewUserSerializer,
    UserNameSerializer,
)
from network.api.platform import for_the_platform, number_of, paginated, server_of
from network.api.serializers import CommandSerializer
from network.api.views import SERVER, validated
from network.engine import now
from network.models import HeadscaleCommand, HeadscaleUser
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.parsing import StrictJSONParser


class HeadscaleUserViewSet(ViewSet):
    """Users of the engines: a list, a new one, another name, and removal."""

    parser_classes = (StrictJSONParser,)
    required_scope = {
        "list": "servers:read",
        "create": "users:write",
        "rename": "users:write",
        "delete": "users:write",
    }

    @extend_schema(
        operation_id="users_list", parameters=[SERVER], responses=HeadscaleUserSerializer(many=True)
    )
    def list(self, request: Request) -> Response:
        for_the_platform(request, "servers:read")
        rows = queries.headscale_users()
        if "server" in request.query_params:
            rows = rows.filter(server=server_of(request))
        return paginated(request, rows, HeadscaleUserSerializer, self)

    @extend_schema(
        operation_id="users_create",
        parameters=[SERVER],
        request=NewUserSerializer,
        responses={200: None, 202: CommandSerializer},
    )
    def create(self, request: Request) -> Answer:
        def read() -> Asking:
            server, values = server_of(request), validated(NewUserSerializer, request)
            ask = partial(
                operations.create_staff_user,
                actor=actor_of(request),
                at=now(),
                server_id=server.pk,
                user_name=values["name"],
                display_name=values["display_name"],
            )
            return Asking(server.pk, ask)

        return carry_out(request, Change(read, _told(_("사용자를 만들었습니다."))))

    @extend_schema(
        operation_id="users_rename",
        request=UserNameSerializer,
        responses={200: None, 202: CommandSerializer},
    )
    def rename(self, request: Request, user: str) -> Answer:
        def read() -> Asking:
            row = _user(request, user)
            ask = partial(
                operations.rename_user,
                actor=actor_of(request),
                at=now(),
                user_number=row.pk,
                user_name=validated(UserNameSerializer, request)["new_name"],
            )
            return Asking(row.server_id, ask)

        return carry_out(request, Change(read, _told(_("사용자의 이름을 바꾸었습니다."))))

    @extend_schema(operation_id="users_delete", responses={200: None, 202: CommandSerializer})
    def delete(self, request: Request, user: str) -> Answer:
        def read() -> Asking:
            row = _user(request, user)
            actor, at = actor_of(request), now()
            ask = partial(operations.destroy_user, actor=actor, at=at, user_number=row.pk)
            return Asking(row.server_id, ask)

        return carry_out(request, Change(read, _told(_("사용자를 삭제했습니다."))))


def _told(sentence: str) -> Any:
    def tell(command: HeadscaleCommand) -> Answer:
        return answer(dict(command.result), message=sentence)

    return tell


def _user(request: Request, text: str) -> HeadscaleUser:
    for_the_platform(request, "users:write")
    user = queries.headscale_users().filter(pk=number_of(text)).first()
    if user is None:
        raise Http404
    return user
