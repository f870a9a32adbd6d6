"""Doors of the API to machines and commands."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, cast

from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from network import operations, queries
from network.api.changes import Asking, Change, carry_out
from network.api.filters import LIST_PARAMETERS, filtered_machines
from network.api.platform import paginated
from network.api.serializers import (
    ApproveRoutesSerializer,
    CommandSerializer,
    ExpireSerializer,
    MachineDetailSerializer,
    MachineRouteSerializer,
    MachineSerializer,
    MoveSerializer,
    RenameSerializer,
    RouteListSerializer,
    RoutesSerializer,
    TagsSerializer,
)
from network.engine import now
from network.models import HeadscaleCommand, MachineProfile
from network.queries import MachineWithStatus
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.parsing import StrictJSONParser

_NODE_ID = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)
_LARGEST_ID = 2**63 - 1
SERVER = OpenApiParameter("server", str, description=_("서버 식별자. 서버가 하나면 생략합니다."))


class InvalidNodeIdError(Http404):
    """A node id in a path that is not a canonical decimal; 404, so that nothing is learnt."""

    code = "invalid_node_id"
    details = {"reason": "Invalid node ID"}


class MachineNotFoundError(Http404):
    code = "not_found"


def machine_of(request: Request, node_id: str) -> MachineWithStatus:
    """Return the machine of a path; raises InvalidNodeIdError or MachineNotFoundError."""
    if not _NODE_ID.fullmatch(node_id) or int(node_id) > _LARGEST_ID:
        raise InvalidNodeIdError
    server = request.query_params.get("server")
    if server is not None and not server.isprintable():  # No database stores a NUL.
        raise MachineNotFoundError
    try:
        return queries.machine_by_node(node_id=int(node_id), at=now(), server=server)
    except MachineProfile.DoesNotExist as error:
        raise MachineNotFoundError from error


class NodeViewSet(ViewSet):
    """Machines: a list, one, and the three changes."""

    parser_classes = (StrictJSONParser,)
    required_scope = {
        "list": "machines:read",
        "retrieve": "machines:read",
        "rename": "machines:rename",
        "expire": "machines:expire",
        "delete": "machines:delete",
        "routes": "machines:read",
        "all_routes": "machines:read",
        "approve": "machines:routes",
        "tags": "machines:tag",
        "move": "machines:move",
    }

    @extend_schema(
        operation_id="nodes_list",
        parameters=LIST_PARAMETERS,
        responses=MachineSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        rows, paginator = filtered_machines(request, self)
        return paginator.get_paginated_response(MachineSerializer(rows, many=True).data)

    @extend_schema(
        operation_id="nodes_retrieve", parameters=[SERVER], responses=MachineDetailSerializer
    )
    def retrieve(self, request: Request, node_id: str) -> Answer:
        return answer(MachineDetailSerializer(machine_of(request, node_id)).data)

    @extend_schema(
        operation_id="nodes_rename",
        parameters=[SERVER],
        request=RenameSerializer,
        responses={200: MachineSerializer, 202: CommandSerializer},
    )
    def rename(self, request: Request, node_id: str) -> Answer:
        def read() -> Asking:
            machine = machine_of(request, node_id)
            values = validated(RenameSerializer, request)
            ask = partial(
                operations.rename_node,
                actor=actor_of(request),
                at=now(),
                machine_id=machine.pk,
                new_name=values["new_name"],
            )
            return Asking(machine.server_id, ask)

        def tell(command: HeadscaleCommand) -> Answer:
            return _machine_now(command, _("노드 %(id)s의 이름을 바꾸었습니다.") % {"id": node_id})

        return carry_out(request, Change(read, tell))

    @extend_schema(
        operation_id="nodes_expire",
        parameters=[SERVER],
        request=ExpireSerializer,
        responses={200: MachineSerializer, 202: CommandSerializer},
    )
    def expire(self, request: Request, node_id: str) -> Answer:
        def read() -> Asking:
            machine = machine_of(request, node_id)
            values = validated(ExpireSerializer, request)
            ask = partial(
                operations.expire_node,
                actor=actor_of(request),
                at=now(),
                machine_id=machine.pk,
                ends_at=values.get("at"),
                never=values["never"],
            )
            return Asking(machine.server_id, ask)

        def tell(command: HeadscaleCommand) -> Answer:
            return _machine_now(command, _("노드 %(id)s의 만료를 바꾸었습니다.") % {"id": node_id})

        return carry_out(request, Change(read, tell))

    @extend_schema(
        operation_id="nodes_delete",
        parameters=[SERVER],
        responses={200: None, 202: CommandSerializer},
    )
    def delete(self, request: Request, node_id: str) -> Answer:
        def read() -> Asking:
            machine = machine_of(request, node_id)
            actor, at = actor_of(request), now()
            ask = partial(operations.delete_node, actor=actor, at=at, machine_id=machine.pk)
            return Asking(machine.server_id, ask)

        def tell(command: HeadscaleCommand) -> Answer:
            sentence = _("노드 %(id)s가 성공적으로 삭제되었습니다.") % {"id": node_id}
            return answer(dict(command.result), message=sentence)

        return carry_out(request, Change(read, tell))

    @extend_schema(operation_id="nodes_routes", parameters=[SERVER], responses=RoutesSerializer)
    def routes(self, request: Request, node_id: str) -> Answer:
        return answer(RoutesSerializer(machine_of(request, node_id)).data)

    @extend_schema(
        operation_id="routes_list",
        parameters=[OpenApiParameter("show", str, enum=["waiting", "overlapping"])],
        responses=MachineRouteSerializer(many=True),
    )
    def all_routes(self, request: Request) -> Response:
        asked = RouteListSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        rows = queries.all_routes(at=now(), show=asked.validated_data["show"])
        return paginated(request, rows, MachineRouteSerializer, self)

    @extend_schema(
        operation_id="nodes_approve_routes",
        parameters=[SERVER],
        request=ApproveRoutesSerializer,
        responses={200: RoutesSerializer, 202: CommandSerializer},
    )
    def approve(self, request: Request, node_id: str) -> Answer:
        def read() -> Asking:
            machine = machine_of(request, node_id)
            values = validated(ApproveRoutesSerializer, request)
            ask = partial(
                operations.approve_routes,
                actor=actor_of(request),
                at=now(),
                machine_id=machine.pk,
                **values,
            )
            return Asking(machine.server_id, ask)

        def tell(command: HeadscaleCommand) -> Answer:
            machine = _machine_of(command)
            return answer(RoutesSerializer(machine).data, message=_("경로 승인을 바꾸었습니다."))

        return carry_out(request, Change(read, tell))

    @extend_schema(
        operation_id="nodes_tags",
        parameters=[SERVER],
        request=TagsSerializer,
        responses={200: MachineSerializer, 202: CommandSerializer},
    )
    def tags(self, request: Request, node_id: str) -> Answer:
        def read() -> Asking:
            machine = machine_of(request, node_id)
            values = validated(TagsSerializer, request)
            actor, at = actor_of(request), now()
            ask = partial(operations.set_tags, actor=actor, at=at, machine_id=machine.pk, **values)
            return Asking(machine.server_id, ask)

        def tell(command: HeadscaleCommand) -> Answer:
            return _machine_now(command, _("태그를 바꾸었습니다."))

        return carry_out(request, Change(read, tell))

    @extend_schema(
        operation_id="nodes_move",
        parameters=[SERVER],
        request=MoveSerializer,
        responses={200: MachineSerializer, 202: CommandSerializer},
    )
    def move(self, request: Request, node_id: str) -> Answer:
        def read() -> Asking:
            machine = machine_of(request, node_id)
            ask = partial(
                operations.move_node,
                actor=actor_of(request),
                at=now(),
                machine_id=machine.pk,
                headscale_user_id=validated(MoveSerializer, request)["user_id"],
            )
            return Asking(machine.server_id, ask)

        def tell(command: HeadscaleCommand) -> Answer:
            return _machine_now(command, _("다른 사용자에게 옮겼습니다."))

        return carry_out(request, Change(read, tell))


def validated(serializer: Any, request: Request) -> dict[str, Any]:
    """Return what a request asks for; raises ValidationError with each wrong field."""
    bound = serializer(data=request.data)
    bound.is_valid(raise_exception=True)
    return cast("dict[str, Any]", bound.validated_data)


def _machine_now(command: HeadscaleCommand, message: str) -> Answer:
    return answer(MachineSerializer(_machine_of(command)).data, message=message)


def _machine_of(command: HeadscaleCommand) -> MachineWithStatus:
    """Return the machine after its change; a repeated request may find it gone since."""
    machine = queries.machines(at=now()).filter(commands=command).first()
    if machine is None:
        raise MachineNotFoundError
    return machine
