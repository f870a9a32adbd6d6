"""Doors of the API to commands: all of them, one, taking one back, fetching a secret once."""

from __future__ import annotations

import django_filters
from django.http import Http404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from network import operations, queries
from network.api.filters import WholeNumberFilter
from network.api.platform import number_of, paginated
from network.api.serializers import (
    CommandRowSerializer,
    CommandSerializer,
    PreAuthKeySerializer,
    preauth_key_data,
)
from network.engine import now
from network.models import HeadscaleCommand
from network.states import CommandKind, CommandState
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.parsing import StrictJSONParser
from pharmacies.access.repeating import once

_LARGEST = 2**63 - 1


class CommandFilter(django_filters.FilterSet):  # type: ignore[misc]  # ships no types
    """The filters of `GET /api/commands`; a value that no row can have is refused."""

    server = django_filters.CharFilter(field_name="server__slug")
    machine = WholeNumberFilter(field_name="machine_id", min_value=1, max_value=_LARGEST)
    state = django_filters.ChoiceFilter(choices=CommandState.choices)
    kind = django_filters.ChoiceFilter(choices=CommandKind.choices)

    class Meta:
        model = HeadscaleCommand
        fields: list[str] = []


class CommandViewSet(ViewSet):
    """Commands of the tenant; a secret is fetched once."""

    parser_classes = (StrictJSONParser,)
    required_scope = {
        "list": "commands:read",
        "retrieve": "commands:read",
        "cancel": "commands:read",
        "secret": ("keys:create", "apikeys:write"),
    }

    @extend_schema(
        operation_id="commands_list",
        parameters=[
            OpenApiParameter("server", str),
            OpenApiParameter("machine", int),
            OpenApiParameter("state", str, enum=CommandState.values),
            OpenApiParameter("kind", str, enum=CommandKind.values),
        ],
        responses=CommandRowSerializer(many=True),
    )
    def list(self, request: Request) -> Response:
        filters = CommandFilter(request.query_params, queryset=queries.commands())
        if not filters.is_valid():
            raise ValidationError(dict(filters.errors))
        return paginated(request, filters.qs, CommandRowSerializer, self)

    @extend_schema(operation_id="commands_retrieve", responses=CommandSerializer)
    def retrieve(self, request: Request, command_id: str) -> Answer:
        return answer(CommandSerializer(_command(command_id)).data)

    @extend_schema(operation_id="commands_cancel", request=None, responses=CommandSerializer)
    def cancel(self, request: Request, command_id: str) -> Answer:
        def do() -> Answer:
            command = operations.cancel_command(
                actor=actor_of(request), at=now(), command_id=_command(command_id).pk
            )
            return answer(CommandSerializer(command).data, message=_("취소했습니다."))

        return once(request, at=now(), do=do)

    @extend_schema(
        operation_id="commands_secret",
        request=None,
        parameters=[OpenApiParameter("FARMQ-Retrieval-Token", str, "header", required=True)],
        responses=PreAuthKeySerializer,
    )
    def secret(self, request: Request, command_id: str) -> Answer:
        command = _command(command_id)
        secret = operations.take_secret(
            actor=actor_of(request),
            at=now(),
            command_id=command.pk,
            token=request.headers.get("FARMQ-Retrieval-Token", ""),
        )
        is_api_key = command.kind == CommandKind.CREATE_API_KEY
        data = (
            {**command.result, "key": secret} if is_api_key else preauth_key_data(command, secret)
        )
        return answer(data, headers={"Cache-Control": "no-store"})


def _command(command_id: str) -> HeadscaleCommand:
    try:
        return queries.commands().get(pk=number_of(command_id))
    except HeadscaleCommand.DoesNotExist as error:
        raise Http404 from error
