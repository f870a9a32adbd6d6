"""Doors of the API to keys: those with which machines join, and those of programs."""

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
    ApiKeyRowSerializer,
    FreshApiKeySerializer,
    NewApiKeySerializer,
    PreAuthKeyRowSerializer,
    UserKeyOrderSerializer,
)
from network.api.platform import for_the_platform, number_of, paginated, server_of
from network.api.serializers import CommandSerializer, PreAuthKeySerializer, preauth_key_data
from network.api.views import SERVER, validated
from network.engine import now
from network.models import HeadscaleApiKey, HeadscaleCommand, HeadscalePreAuthKey
from network.sealing import KeyPair, make_key_pair
from pharmacies.access.answers import Answer, answer
from pharmacies.access.authentication import actor_of
from pharmacies.access.parsing import StrictJSONParser

_SECRET = {"Cache-Control": "no-store"}


class PreAuthKeyViewSet(ViewSet):
    """Keys with which machines join: a list, a new one, its end, its removal."""

    parser_classes = (StrictJSONParser,)
    required_scope = {
        "list": "keys:read",
        "create": "keys:create",
        "expire": "keys:expire",
        "delete": "keys:expire",
    }

    @extend_schema(operation_id="preauth_keys_list", responses=PreAuthKeyRowSerializer(many=True))
    def list(self, request: Request) -> Response:
        return paginated(request, queries.preauth_keys(at=now()), PreAuthKeyRowSerializer, self)

    @extend_schema(
        operation_id="preauth_keys_create",
        parameters=[SERVER],
        request=UserKeyOrderSerializer,
        responses={200: PreAuthKeySerializer, 202: CommandSerializer},
    )
    def create(self, request: Request) -> Answer:
        pair = make_key_pair()

        def read() -> Asking:
            server, values = server_of(request), validated(UserKeyOrderSerializer, request)
            ask = partial(
                operations.create_user_key,
                actor=actor_of(request),
                at=now(),
                server_id=server.pk,
                owner=values.get("user_id", values.get("user")),
                order=_order(values, pair),
            )
            return Asking(server.pk, ask)

        def tell(command: HeadscaleCommand) -> Answer:
            secret = _secret(request, command, pair)
            data = preauth_key_data(command, secret)
            return answer(data, message=_("가입 키를 만들었습니다."), headers=_SECRET)

        return carry_out(request, Change(read, tell, {"retrieval_token": pair.token}))

    @extend_schema(
        operation_id="preauth_keys_expire",
        request=None,
        responses={200: None, 202: CommandSerializer},
    )
    def expire(self, request: Request, key: str) -> Answer:
        return _end_key(request, key, operations.expire_preauth_key, _("가입 키를 폐기했습니다."))

    @extend_schema(
        operation_id="preauth_keys_delete", responses={200: None, 202: CommandSerializer}
    )
    def delete(self, request: Request, key: str) -> Answer:
        return _end_key(request, key, operations.delete_preauth_key, _("가입 키를 삭제했습니다."))


class ApiKeyViewSet(ViewSet):
    """Keys with which programs ask an engine: a list, a new one, its end, its removal."""

    parser_classes = (StrictJSONParser,)
    required_scope = {
        "list": "servers:read",
        "create": "apikeys:write",
        "expire": "apikeys:write",
        "delete": "apikeys:write",
    }

    @extend_schema(operation_id="api_keys_list", responses=ApiKeyRowSerializer(many=True))
    def list(self, request: Request) -> Response:
        for_the_platform(request, "servers:read")
        return paginated(request, queries.api_keys(), ApiKeyRowSerializer, self)

    @extend_schema(
        operation_id="api_keys_create",
        parameters=[SERVER],
        request=NewApiKeySerializer,
        responses={200: FreshApiKeySerializer, 202: CommandSerializer},
    )
    def create(self, request: Request) -> Answer:
        pair = make_key_pair()

        def read() -> Asking:
            server, values = server_of(request), validated(NewApiKeySerializer, request)
            ask = partial(
                operations.create_api_key,
                actor=actor_of(request),
                at=now(),
                server_id=server.pk,
                reason=values["reason"],
                public_key=pair.public,
                lifetime=values["expires_in"],
            )
            return Asking(server.pk, ask)

        def tell(command: HeadscaleCommand) -> Answer:
            data = {**command.result, "key": _secret(request, command, pair)}
            return answer(data, message=_("엔진 API 키를 만들었습니다."), headers=_SECRET)

        return carry_out(request, Change(read, tell, {"retrieval_token": pair.token}))

    @extend_schema(
        operation_id="api_keys_expire", request=None, responses={200: None, 202: CommandSerializer}
    )
    def expire(self, request: Request, key: str) -> Answer:
        sentence = _("엔진 API 키를 폐기했습니다.")
        return _end_api_key(request, key, operations.expire_api_key, sentence)

    @extend_schema(operation_id="api_keys_delete", responses={200: None, 202: CommandSerializer})
    def delete(self, request: Request, key: str) -> Answer:
        sentence = _("엔진 API 키를 삭제했습니다.")
        return _end_api_key(request, key, operations.delete_api_key, sentence)


def _order(values: dict[str, Any], pair: KeyPair) -> operations.KeyOrder:
    return operations.KeyOrder(
        public_key=pair.public,
        lifetime=values["expires_in"],
        reusable=values["reusable"],
        reason=values["reason"],
        ephemeral=values["ephemeral"],
        tags=tuple(values["tags"]),
    )


def _secret(request: Request, command: HeadscaleCommand, pair: KeyPair) -> str:
    return operations.take_secret(
        actor=actor_of(request), at=now(), command_id=command.pk, token=pair.token
    )


def _end_key(request: Request, text: str, operation: Any, sentence: str) -> Answer:
    def read() -> Asking:
        key: HeadscalePreAuthKey | None = (
            queries.preauth_keys(at=now()).filter(pk=number_of(text)).first()
        )
        if key is None:
            raise Http404
        ask = partial(operation, actor=actor_of(request), at=now(), key_number=key.pk)
        return Asking(key.server_id, ask)

    return carry_out(request, Change(read, lambda _command: answer(None, message=sentence)))


def _end_api_key(request: Request, text: str, operation: Any, sentence: str) -> Answer:
    def read() -> Asking:
        for_the_platform(request, "apikeys:write")
        key: HeadscaleApiKey | None = queries.api_keys().filter(pk=number_of(text)).first()
        if key is None:
            raise Http404
        ask = partial(operation, actor=actor_of(request), at=now(), key_number=key.pk)
        return Asking(key.server_id, ask)

    return carry_out(request, Change(read, lambda _command: answer(None, message=sentence)))
