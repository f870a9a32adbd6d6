"""Doors of the API to the engines themselves: what they are, and what concerns all of one."""

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
    AuthSerializer,
    RegisterSerializer,
    ServerDetailSerializer,
    ServerSerializer,
    SyncRunSerializer,
)
from network.api.platform import for_the_platform, paginated, server_of
from network.api.serializers import CommandSerializer
from network.api.views import SERVER, validated
from network.engine import now
from network.models import HeadscaleCommand, HeadscaleServer
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.parsing import StrictJSONParser
from pharmacies.access.repeating import once


class ServerViewSet(ViewSet):
    """Engines: what is known of each, and the changes that are no single machine's."""

    parser_classes = (StrictJSONParser,)
    required_scope = {
        "list": "servers:read",
        "retrieve": "servers:read",
        "syncs": "servers:read",
        "check": "servers:check",
        "backfill": "servers:write",
        "register": "machines:register",
        "approve": "machines:register",
        "reject": "machines:register",
        "accept": "servers:write",
        "dismiss": "servers:write",
    }

    @extend_schema(operation_id="servers_list", responses=ServerSerializer(many=True))
    def list(self, request: Request) -> Response:
        for_the_platform(request, "servers:read")
        return paginated(request, queries.servers_with_readings(), _serialized, self)

    @extend_schema(operation_id="servers_retrieve", responses=ServerDetailSerializer)
    def retrieve(self, request: Request, slug: str) -> Answer:
        for_the_platform(request, "servers:read")
        server = _server(slug)
        server.missing = queries.missing_features(server)  # type: ignore[attr-defined]  # read by the serializer
        return answer(ServerDetailSerializer(server).data)

    @extend_schema(operation_id="servers_syncs", responses=SyncRunSerializer(many=True))
    def syncs(self, request: Request, slug: str) -> Response:
        for_the_platform(request, "servers:read")
        rows = queries.sync_runs().filter(server=_server(slug))
        return paginated(request, rows, SyncRunSerializer, self)

    @extend_schema(
        operation_id="servers_check", request=None, responses={200: None, 202: CommandSerializer}
    )
    def check(self, request: Request, slug: str) -> Answer:
        def read() -> Asking:
            server = _server(slug)
            actor, at = actor_of(request), now()
            ask = partial(operations.cross_check, actor=actor, at=at, server_id=server.pk)
            return Asking(server.pk, ask)

        return carry_out(request, Change(read, _told(_("대조했습니다."))))

    @extend_schema(
        operation_id="servers_backfill", request=None, responses={200: None, 202: CommandSerializer}
    )
    def backfill(self, request: Request, slug: str) -> Answer:
        def read() -> Asking:
            server = _server(slug)
            actor, at = actor_of(request), now()
            ask = partial(operations.backfill_ips, actor=actor, at=at, server_id=server.pk)
            return Asking(server.pk, ask)

        return carry_out(request, Change(read, _told(_("빠진 주소를 채웠습니다."))))

    @extend_schema(operation_id="servers_accept_list", request=None, responses={200: None})
    def accept(self, request: Request, slug: str) -> Answer:
        def do() -> Answer:
            operations.accept_list(actor=actor_of(request), at=now(), server_id=_server(slug).pk)
            return answer(None, message=_("다음 목록을 그대로 반영합니다."))

        return once(request, at=now(), do=do)

    @extend_schema(operation_id="servers_dismiss_list", request=None, responses={200: None})
    def dismiss(self, request: Request, slug: str) -> Answer:
        def do() -> Answer:
            operations.dismiss_list(actor=actor_of(request), at=now(), server_id=_server(slug).pk)
            return answer(None, message=_("지금 그림을 그대로 둡니다."))

        return once(request, at=now(), do=do)

    @extend_schema(
        operation_id="nodes_register",
        parameters=[SERVER],
        request=RegisterSerializer,
        responses={200: None, 202: CommandSerializer},
    )
    def register(self, request: Request) -> Answer:
        def read() -> Asking:
            server, values = server_of(request), validated(RegisterSerializer, request)
            ask = partial(
                operations.register_node,
                actor=actor_of(request),
                at=now(),
                server_id=server.pk,
                headscale_user_id=values["user_id"],
                auth_id=values["auth_id"],
            )
            return Asking(server.pk, ask)

        return carry_out(request, Change(read, _told(_("머신을 등록했습니다."))))

    @extend_schema(
        operation_id="auth_approve",
        parameters=[SERVER],
        request=AuthSerializer,
        responses={200: None, 202: CommandSerializer},
    )
    def approve(self, request: Request) -> Answer:
        return _answer_auth(request, approve=True)

    @extend_schema(
        operation_id="auth_reject",
        parameters=[SERVER],
        request=AuthSerializer,
        responses={200: None, 202: CommandSerializer},
    )
    def reject(self, request: Request) -> Answer:
        return _answer_auth(request, approve=False)


def _answer_auth(request: Request, *, approve: bool) -> Answer:
    def read() -> Asking:
        server, values = server_of(request), validated(AuthSerializer, request)
        ask = partial(
            operations.answer_auth,
            actor=actor_of(request),
            at=now(),
            server_id=server.pk,
            auth_id=values["auth_id"],
            approve=approve,
        )
        return Asking(server.pk, ask)

    sentence = _("요청을 승인했습니다.") if approve else _("요청을 거절했습니다.")
    return carry_out(request, Change(read, _told(sentence)))


def _told(sentence: str) -> Any:
    def tell(command: HeadscaleCommand) -> Answer:
        return answer(dict(command.result), message=sentence)

    return tell


def _server(slug: str) -> HeadscaleServer:
    # No database stores a NUL, and PostgreSQL does not even look for one.
    known = queries.servers_with_readings().filter(slug=slug) if slug.isprintable() else None
    server = known.first() if known is not None else None
    if server is None:
        raise Http404
    return server


def _serialized(servers: Any, many: bool = False) -> ServerSerializer:
    for server in servers if many else [servers]:
        server.missing = queries.missing_features(server)
    return ServerSerializer(servers, many=many)
